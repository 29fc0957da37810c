"""A stage is stopped when its time-out in milliseconds is over, and not before."""

import asyncio

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="The stage time-out set in the context is not obeyed",
    claim=(
        "ctx.data['_timeout_ms'] is the time-out of each stage in milliseconds (30,000 by default, none when 0): it stops longer "
        "stages only."
    ),
    source="docs/guides/interceptors.md#timeoutinterceptor",
    component="stageflow.pipeline.interceptors.TimeoutInterceptor",
    subsystem="interceptors",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Slow calls block requests far beyond the limit that was set, or healthy ones are cut short.",
    recommendation="Store the time-out under the key that run_with_interceptors reads, in milliseconds.",
    virtual_time=True,
)

CASES = (
    Case("200 ms, stage takes 150 ms", {"timeout_ms": 200, "takes": 0.15, "ends": ["completed", 0.15]}),
    Case("200 ms, stage takes 10 s", {"timeout_ms": 200, "takes": 10.0, "ends": ["failed", 0.2]}),
    Case("default, stage takes 29 s", {"timeout_ms": None, "takes": 29.0, "ends": ["completed", 29.0]}),
    Case("default, stage takes 100 s", {"timeout_ms": None, "takes": 100.0, "ends": ["failed", 30.0]}),
    Case("60,000 ms, stage takes 59 s", {"timeout_ms": 60_000, "takes": 59.0, "ends": ["completed", 59.0]}),
    Case("0 is no limit", {"timeout_ms": 0, "takes": 400.0, "ends": ["completed", 400.0]}),
    Case("half a second", {"timeout_ms": 500.5, "takes": 2.0, "ends": ["failed", 0.5]}),
)


async def scenario(params):
    clock = asyncio.get_running_loop()

    async def slow(ctx):
        await asyncio.sleep(params["takes"])

    data = {} if params["timeout_ms"] is None else {"_timeout_ms": params["timeout_ms"]}
    began = clock.time()
    _, error = await outcome(default_graph(pipeline(("slow", slow))).run(context(data=data)))
    ended = ["failed" if error else "completed", round(clock.time() - began, 2)]
    expect_equal(ended, list(params["ends"]), "outcome and seconds")


async def control(params):
    clock = asyncio.get_running_loop()
    limit = 30_000 if params["timeout_ms"] is None else params["timeout_ms"]
    began = clock.time()
    _, error = await outcome(asyncio.wait_for(asyncio.sleep(params["takes"]), limit / 1000 or None))
    ended = ["failed" if error else "completed", round(clock.time() - began, 2)]
    expect_equal(ended, list(params["ends"]), "outcome and seconds with wait_for")
