"""A time-out is one of the errors that RetryInterceptor retries by default."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="RetryInterceptor never retries a time-out, although TimeoutError is in its default list",
    claim="TimeoutError is retryable by default: a stage that times out once and would then succeed is tried again.",
    source="docs/advanced/retry-backoff.md#when-to-retry",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="retry",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The commonest transient failure, a slow network call, is never retried; the retry setting gives false comfort.",
    recommendation="Let the TimeoutError branch of run_with_interceptors go through the on_error hooks like any other error.",
    workaround="Put asyncio.timeout around the call in the stage, catch TimeoutError there and raise ConnectionError instead.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:run_with_interceptors #timeout-not-retried",
)

CASES = (
    Case("raised by the stage", {"how": "raised"}),
    Case("stage over its time-out", {"how": "slow"}),
)


async def scenario(params):
    runs = []

    async def late_once(ctx):
        runs.append("run")
        if len(runs) == 1:
            if params["how"] == "raised":
                raise TimeoutError("upstream took too long")
            await asyncio.sleep(5)
        return {"answer": "fine"}

    stack = [need("stageflow:TimeoutInterceptor")(), need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=3, base_delay_ms=10)]
    await outcome(graph(pipeline(("call", late_once)), stack).run(context(data={"_timeout_ms": 1000})))
    expect(len(runs) == 2, "2 runs: one times out, its retry succeeds", f"{len(runs)} run(s)")


async def control(params):
    runs = []

    async def refused_once(ctx):
        runs.append("run")
        if len(runs) == 1:
            raise ConnectionRefusedError("not up yet")
        return {"answer": "fine"}

    stack = [need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=3, base_delay_ms=10)]
    await outcome(graph(pipeline(("call", refused_once)), stack).run(context()))
    expect(len(runs) == 2, "2 runs: one is refused, its retry succeeds", f"{len(runs)} run(s)")
