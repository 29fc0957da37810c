"""Open-loop load: nothing is lost in the count, latency counts from when a request was due, overload shows."""

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.lab.load import LoadPlan, due_times, latency, offer


def test_a_stall_shows_in_the_latency_of_everything_due_meanwhile() -> None:
    async def call(number: int) -> None:
        if number == 10:
            time.sleep(0.3)  # noqa: ASYNC251 - blocks the loop on purpose

    result = asyncio.run(offer(LoadPlan(rate=100, seconds=0.6, arrivals="uniform"), call))
    assert result.completed == result.offered == 60
    late = sum(sample > 50 for sample in result.latencies_ms)
    assert late >= 20, "requests that became due during the stall waited for it"
    assert result.summary()["latency_ms"]["p99"] > 200


@settings(max_examples=10, deadline=None)
@given(st.floats(20, 400), st.integers(1, 6), st.sampled_from(["poisson", "uniform"]), st.integers(0, 99))
def test_every_request_is_counted_once(rate: float, in_flight: int, arrivals: str, seed: int) -> None:
    async def call(number: int) -> None:
        await asyncio.sleep(0.01)
        if number % 3 == 0:
            raise ValueError(number)

    plan = LoadPlan(rate, 0.15, arrivals, in_flight, seed)  # type: ignore[arg-type]
    result = asyncio.run(offer(plan, call))
    assert result.offered == len(due_times(plan))
    assert result.completed + result.failed == result.offered
    assert result.failed == sum(result.errors.values()) + result.dropped + result.unfinished
    assert len(result.latencies_ms) == result.completed
    assert result.most_in_flight <= in_flight


def test_what_does_not_end_is_cancelled_and_counted() -> None:
    async def call(number: int) -> None:
        await asyncio.sleep(60)

    result = asyncio.run(offer(LoadPlan(rate=50, seconds=0.1, drain_seconds=0.05, arrivals="uniform"), call))
    assert (result.completed, result.unfinished) == (0, 5)
    assert result.seconds < 2


@given(st.integers(0, 50))
def test_arrivals_are_seeded_and_have_the_right_rate(seed: int) -> None:
    plan = LoadPlan(rate=500, seconds=4, seed=seed)
    times = due_times(plan)
    assert times == due_times(plan) == sorted(times)
    assert len(times) == pytest.approx(2000, rel=0.12)


def test_percentiles_name_their_method() -> None:
    found = latency([float(n) for n in range(1, 101)])
    assert (found["p50"], found["max"], found["n"]) == (50.5, 100.0, 100)
    assert found["p95"] == pytest.approx(95.05)
    assert "inclusive" in found["method"]
    assert latency([])["n"] == 0
    assert latency([7.0])["p99"] == 7.0
