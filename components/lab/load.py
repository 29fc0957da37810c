"""Open-loop load: requests arrive when they are due, whether or not earlier ones are done; latency counts from then."""

import asyncio
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

PERCENTILES = "statistics.quantiles(n=100, method='inclusive')"
STATM = Path("/proc/self/statm")


@dataclass(frozen=True)
class LoadPlan:
    """What arrives.

    Attributes:
        rate: requests per second.
        seconds: how long they arrive.
        arrivals: Poisson (exponential gaps, seeded) or evenly spaced.
        in_flight: most requests under way at once; an arrival beyond it is dropped and counts as failed.
        drain_seconds: how long to wait for the last ones; what is unfinished then is cancelled and counts as failed.
    """

    rate: float
    seconds: float
    arrivals: Literal["poisson", "uniform"] = "poisson"
    in_flight: int = 200
    seed: int = 0
    drain_seconds: float = 5.0


@dataclass
class LoadResult:
    """What came of it. `errors` counts failures by exception type; dropped and unfinished requests are among the failed."""

    offered: int = 0
    completed: int = 0
    failed: int = 0
    dropped: int = 0
    unfinished: int = 0
    most_in_flight: int = 0
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    rss_mib: list[float] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        """The numbers for the metrics file."""
        values = asdict(self)
        del values["latencies_ms"], values["rss_mib"]
        return values | {
            "throughput_per_second": round(self.completed / self.seconds, 2) if self.seconds else 0.0,
            "failure_share": round(self.failed / self.offered, 4) if self.offered else 0.0,
            "latency_ms": latency(self.latencies_ms),
            "latency_counts_from": "intended start",
            "rss_mib": {"first": self.rss_mib[0], "highest": max(self.rss_mib), "last": self.rss_mib[-1]} if self.rss_mib else None,
            "seconds": round(self.seconds, 3),
        }


def latency(samples_ms: Sequence[float]) -> dict[str, Any]:
    """Percentiles of latencies; the method is named with them."""
    if not samples_ms:
        return {"n": 0, "method": PERCENTILES}
    cuts = statistics.quantiles(samples_ms, n=100, method="inclusive") if len(samples_ms) > 1 else [samples_ms[0]] * 99
    named = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(samples_ms), "mean": statistics.fmean(samples_ms)}
    return {"n": len(samples_ms), **{name: round(value, 3) for name, value in named.items()}, "method": PERCENTILES}


def rss_mib() -> float | None:
    """Resident memory of this process, or None where /proc is not there."""
    try:
        pages = int(STATM.read_text().split()[1])
    except OSError:
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 2)


def due_times(plan: LoadPlan) -> list[float]:
    """Seconds from the start at which each request is due."""
    if plan.arrivals == "uniform":
        return [number / plan.rate for number in range(int(plan.rate * plan.seconds))]
    rng = random.Random(f"arrivals:{plan.seed}")
    times: list[float] = []
    now = rng.expovariate(plan.rate)
    while now < plan.seconds:
        times.append(now)
        now += rng.expovariate(plan.rate)
    return times


async def offer(plan: LoadPlan, call: Callable[[int], Awaitable[object]]) -> LoadResult:
    """Send the planned load to `call(number)`; a request fails by raising."""
    result = LoadResult()
    due = due_times(plan)
    result.offered = len(due)
    flying: set[asyncio.Task[None]] = set()
    start = time.perf_counter()

    async def one(number: int) -> None:
        try:
            await call(number)
        except Exception as error:
            result.failed += 1
            result.errors[type(error).__name__] += 1
        else:
            result.completed += 1
            result.latencies_ms.append((time.perf_counter() - start - due[number]) * 1000)

    sampler = asyncio.create_task(sample_memory(result.rss_mib))
    for number, at in enumerate(due):
        wait = at - (time.perf_counter() - start)
        if wait > 0:
            await asyncio.sleep(wait)
        if len(flying) >= plan.in_flight:
            result.dropped += 1
            result.failed += 1
            continue
        task = asyncio.create_task(one(number))
        flying.add(task)
        task.add_done_callback(flying.discard)
        result.most_in_flight = max(result.most_in_flight, len(flying))
    await drain(flying, plan.drain_seconds, result)
    result.seconds = time.perf_counter() - start
    sampler.cancel()
    await asyncio.gather(sampler, return_exceptions=True)
    return result


async def drain(flying: set[asyncio.Task[None]], seconds: float, result: LoadResult) -> None:
    """Wait for what is under way; cancel and count what does not end in time."""
    if not flying:
        return
    _, late = await asyncio.wait(set(flying), timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    result.unfinished += len(late)
    result.failed += len(late)


async def sample_memory(samples: list[float], every: float = 0.05) -> None:
    """Append the resident memory now and then, until cancelled."""
    while (now := rss_mib()) is not None:
        samples.append(now)
        await asyncio.sleep(every)
