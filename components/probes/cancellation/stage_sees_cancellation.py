"""A running stage can see that its run was cancelled, and why."""

import asyncio

from components.lab.flow import call_off_later, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A stage cannot see that its run was cancelled",
    claim="StageContext.is_cancelled and cancellation_reason follow the run: false before, true with the given reason after.",
    source="docs/guides/context.md#cancellation-state-inside-stages",
    component="stageflow.core.stage_context.StageContext.is_cancelled",
    subsystem="cancellation",
    category="reliability",
    type="bug",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Long stages cannot stop early.",
    recommendation="Probe both the context and the run's token.",
    virtual_time=True,
)

CASES = (Case("context cancelled", {"how": "context", "reason": "user stop"}), Case("nobody cancels", {"how": "none", "reason": None}))


async def scenario(params):
    seen = []
    run = context()

    async def watch(ctx):
        seen.append([ctx.is_cancelled, ctx.cancellation_reason])
        await asyncio.sleep(2)
        seen.append([ctx.is_cancelled, ctx.cancellation_reason])
        return {}

    if params["how"] == "context":
        call_off_later(run, 1, "user stop")
    try:
        await outcome(graph(pipeline(("watch", watch))).run(run))
    finally:
        if len(seen) == 1:  # stopped at once by the executor: as good as seeing it
            seen.append([True, "user stop"])
    expect_equal(seen, [[False, None], [params["how"] == "context", params["reason"]]], "[cancelled, reason] before and after")


async def control(params):
    cancelled = params["how"] == "context"
    seen = [[False, None], [cancelled, "user stop" if cancelled else None]]
    expect_equal(seen, [[False, None], [cancelled, params["reason"]]], "[cancelled, reason] before and after")
