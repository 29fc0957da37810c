"""Jitter keeps every delay inside the range its strategy promises, and really varies."""

import asyncio
import random

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="RetryInterceptor's jitter leaves the documented range",
    claim=(
        "FULL jitter lies in 0..delay, EQUAL in delay/2..delay, DECORRELATED in base..min(cap, 3*previous), and each one spreads "
        "over its range."
    ),
    source="docs/advanced/retry-backoff.md#jitter-strategies",
    component="stageflow.pipeline.retry.JitterStrategy",
    subsystem="retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="All clients retry at the same moment, or wait longer than the cap.",
    recommendation="Draw each delay from the documented interval.",
    virtual_time=True,
)

CASES = (
    Case("none", {"jitter": "NONE", "low": 1000, "high": 1000}),
    Case("full", {"jitter": "FULL", "low": 0, "high": 1000}),
    Case("equal", {"jitter": "EQUAL", "low": 500, "high": 1000}),
    Case("decorrelated", {"jitter": "DECORRELATED", "low": 1000, "high": 3000}),
)
DRAWS = 300


def judge(delays, params):
    low, high = params["low"], params["high"]
    outside = [delay for delay in delays if not low - 0.5 <= delay <= high + 0.5]
    if outside:
        return "some delay outside"
    reach = (high - low) * 0.25
    return "inside" if min(delays) <= low + reach and max(delays) >= high - reach else "inside but never near one end"


async def scenario(params):
    random.seed(7)
    jitter = getattr(need("stageflow.pipeline.retry:JitterStrategy"), params["jitter"])
    clock, delays = asyncio.get_running_loop(), []
    for _ in range(DRAWS):
        ctx = pipeline_context()
        retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, jitter_strategy=jitter)
        await retry.before("call", ctx)
        began = clock.time()
        await retry.on_error("call", ConnectionError("away"), ctx)
        delays.append((clock.time() - began) * 1000)
    expect(judge(delays, params) == "inside", f"{DRAWS} first delays all over {params['low']}..{params['high']} ms", judge(delays, params))


async def control(params):
    draw = random.Random(7)
    delays = [draw.uniform(params["low"], params["high"]) for _ in range(DRAWS)]
    expect(judge(delays, params) == "inside", "uniform delays all over the range", judge(delays, params))
