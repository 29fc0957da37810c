"""The delay before each retry follows the documented formula of its strategy, in milliseconds, up to the cap."""

import asyncio

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="RetryInterceptor waits another time than its back-off strategy says",
    claim=(
        "Without jitter the delay before retry n is base*2^(n-1), base*n or base milliseconds for exponential, linear and constant, capped."
    ),
    source="docs/advanced/retry-backoff.md#backoff-strategies",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Clients hammer a service that needs rest, or wait far longer than configured.",
    recommendation="Compute the delay from the attempt number as documented, cap it, and sleep that many milliseconds.",
    virtual_time=True,
)

CASES = (
    Case("exponential", {"strategy": "EXPONENTIAL", "base": 100, "cap": 30000, "delays": [100, 200, 400, 800, 1600]}),
    Case("linear", {"strategy": "LINEAR", "base": 100, "cap": 30000, "delays": [100, 200, 300, 400, 500]}),
    Case("constant", {"strategy": "CONSTANT", "base": 70, "cap": 30000, "delays": [70, 70, 70, 70, 70]}),
    Case("exponential capped", {"strategy": "EXPONENTIAL", "base": 100, "cap": 350, "delays": [100, 200, 350, 350, 350]}),
    Case("linear capped", {"strategy": "LINEAR", "base": 100, "cap": 250, "delays": [100, 200, 250, 250, 250]}),
    Case("defaults", {"strategy": None, "base": None, "cap": None, "delays": [1000, 2000, 4000, 8000, 16000, 30000, 30000]}),
)


async def scenario(params):
    jitter = need("stageflow.pipeline.retry:JitterStrategy").NONE
    options = {"base_delay_ms": params["base"], "max_delay_ms": params["cap"]}
    if params["strategy"]:
        options["backoff_strategy"] = getattr(need("stageflow.pipeline.retry:BackoffStrategy"), params["strategy"])
    options = {name: value for name, value in options.items() if value is not None}
    tries = len(params["delays"]) + 1
    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=tries, jitter_strategy=jitter, **options)
    clock, ctx, delays = asyncio.get_running_loop(), pipeline_context(), []
    await retry.before("call", ctx)
    for _ in params["delays"]:
        began = clock.time()
        await retry.on_error("call", ConnectionError("away"), ctx)
        delays.append(round((clock.time() - began) * 1000))
    expect_equal(delays, list(params["delays"]), "milliseconds waited before each retry")


async def control(params):
    clock, delays = asyncio.get_running_loop(), []
    for delay in params["delays"]:
        began = clock.time()
        await asyncio.sleep(delay / 1000)
        delays.append(round((clock.time() - began) * 1000))
    expect_equal(delays, list(params["delays"]), "milliseconds slept")
