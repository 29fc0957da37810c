"""The stage time-out also applies to attempts after the first."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="The retried attempt of a stage runs without its time-out and can hang for ever",
    claim="A stage time-out is enforced per execution: an attempt made by RetryInterceptor that never ends is stopped too.",
    source="docs/guides/interceptors.md#timeoutinterceptor",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="retry",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="One transient error followed by a stuck call blocks the request, and everything it holds, without end.",
    recommendation="Wrap the retried stage_run() in the same asyncio.wait_for as the first attempt.",
    workaround="Put asyncio.timeout around slow calls inside the stage body.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:run_with_interceptors #retry-without-timeout",
)

CASES = (
    Case("200 ms", {"timeout_ms": 200, "patience": 60.0}),
    Case("default time-out", {"timeout_ms": None, "patience": 600.0}),
)


async def scenario(params):
    attempts = []

    async def stuck_when_retried(ctx):
        attempts.append("attempt")
        if len(attempts) == 1:
            raise ConnectionError("blip")
        await asyncio.Event().wait()

    stack = [need("stageflow:TimeoutInterceptor")(), need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=10)]
    data = {"_timeout_ms": params["timeout_ms"]} if params["timeout_ms"] else {}
    built = graph(pipeline(("call", stuck_when_retried)), stack)
    run = asyncio.ensure_future(outcome(built.run(context(data=data))))
    done, _ = await asyncio.wait([run], timeout=params["patience"])
    run.cancel()
    expect(bool(done), "the run ends although the second attempt is stuck", f"still running after {params['patience']:.0f} s")


async def control(params):
    async def attempt():
        await asyncio.wait_for(asyncio.Event().wait(), (params["timeout_ms"] or 30_000) / 1000)

    run = asyncio.ensure_future(outcome(attempt()))
    done, _ = await asyncio.wait([run], timeout=params["patience"])
    expect(bool(done), "an attempt under wait_for ends", "still running")
