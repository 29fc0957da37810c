"""The time a producer waits for room in a queue is counted once, in milliseconds."""

import asyncio
import time

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ChunkQueue miscounts blocked puts or the time they took",
    claim="A put that waits is counted in blocked_puts and its milliseconds in total_blocked_ms, and emits stream.producer_blocked.",
    source="docstring:stageflow.helpers.streaming.BackpressureStats",
    component="stageflow.helpers.streaming.BackpressureStats",
    subsystem="streaming",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Back-pressure does not show in the metrics, or shows as hours.",
    recommendation="Measure around the put and convert seconds to milliseconds.",
)

CASES = (Case("300 ms", {"wait": 0.3}),)


def verdict(blocked, told, taken):
    expect(250 <= blocked <= taken + 50, "the milliseconds the producer waited, 250 at least", "fewer or more milliseconds")
    expect(
        len(told) >= 1 and abs(max(told) - blocked) <= taken / 2, "one stream.producer_blocked with that time", f"{len(told)} such events"
    )


async def measured(queue, wait):
    """Milliseconds around two puts, of which the second finds the queue full for a while."""
    began = time.monotonic()
    await queue.put(0)
    producer = asyncio.ensure_future(queue.put(1))
    await asyncio.sleep(wait)
    await queue.get()
    await producer
    return (time.monotonic() - began) * 1000


@promised
async def scenario(params):
    told = []
    queue = need("stageflow.helpers:ChunkQueue")(
        1, event_emitter=lambda kind, data: told.append(data["blocked_ms"]) if kind == "stream.producer_blocked" else None
    )
    taken = await measured(queue, params["wait"])
    expect(queue.monitor.stats.blocked_puts >= 1, "a blocked put", "none counted")
    verdict(queue.monitor.stats.total_blocked_ms, told, taken)


async def control(params):
    taken = await measured(asyncio.Queue(1), params["wait"])
    verdict(taken, [taken], taken)
