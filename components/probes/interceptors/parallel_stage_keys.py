"""What tracing keeps about a running stage stays while a parallel stage ends."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="Parallel stages overwrite and delete each other's tracing context",
    claim="The span context that an interceptor keeps for a running stage is there until that stage ends, whatever its siblings do.",
    source="docs/guides/interceptors.md#tracinginterceptor",
    component="stageflow.pipeline.interceptors.TracingInterceptor",
    subsystem="interceptors",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Spans of parallel stages get the wrong name or none, so slow stages cannot be told apart.",
    recommendation="Keep the values under keys that contain the stage name, in MetricsInterceptor too.",
    workaround="Carry the span in a ContextVar of your own.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:TracingInterceptor.before",
)

CASES = (Case("tracing", {"interceptor": "TracingInterceptor", "prefix": "_tracing"}),)


async def entries_late_in_long_stage(params, siblings):
    ctx, found = context(), []

    async def long(stage_ctx):
        await asyncio.sleep(2)
        found.extend(key for key in ctx.data if key.startswith(params["prefix"]))

    async def short(stage_ctx):
        await asyncio.sleep(1)

    rows = [("long", long), *((f"short{number}", short) for number in range(siblings))]
    await outcome(graph(pipeline(*rows), [need(f"stageflow:{params['interceptor']}")()]).run(ctx))
    return bool(found)


async def compare(params, siblings):
    alone = await entries_late_in_long_stage(params, 0)
    beside = await entries_late_in_long_stage(params, siblings)
    expect(beside == alone, "entries of the running stage are kept while a sibling ends", "gone when the sibling ended")


async def scenario(params):
    await compare(params, 1)


async def control(params):
    await compare(params, 0)
