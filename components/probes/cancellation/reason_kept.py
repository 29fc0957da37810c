"""A cancelled run tells who cancelled it and why, whichever way it was cancelled."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A cancelled run does not tell its reason or the stage that cancelled it",
    claim="UnifiedPipelineCancelled carries the reason that was given, and the stage when a stage cancelled.",
    source="docs/guides/pipelines.md#pipeline-cancellation",
    component="stageflow.pipeline.dag.UnifiedPipelineCancelled",
    subsystem="cancellation",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Operators see a stopped request without its cause, or blame the wrong stage.",
    recommendation="Pass the reason on unchanged from the context, the output or the cancellation request.",
    virtual_time=True,
)

CASES = (
    Case("stage returns cancel", {"how": "output", "stage": "second"}),
    Case("stage stops at a checkpoint", {"how": "checkpoint", "stage": None}),
    Case("stage raises if cancelled", {"how": "raise", "stage": None}),
    Case("context cancelled between stages", {"how": "between", "stage": None}),
    Case("context cancelled twice", {"how": "twice", "stage": None}),
    Case("graph's token cancelled", {"how": "token", "stage": None}),
)


async def scenario(params):
    run = context()
    how = params["how"]

    async def first(ctx):
        if how in ("between", "twice"):
            run.mark_canceled("credit limit")
        if how == "twice":
            run.mark_canceled("second thoughts")
        if how == "token":
            built.cancel_token.cancel("credit limit")
        return {}

    async def second(ctx):
        if how in ("checkpoint", "raise"):
            run.mark_canceled("credit limit")
        if how == "checkpoint":
            await ctx.cancellation_checkpoint()
        elif how == "raise":
            ctx.raise_if_cancelled()
        return need("stageflow:StageOutput").cancel(reason="credit limit" if how == "output" else "second stage ran")

    built = graph(pipeline(("first", first), ("second", second, ["first"])))
    _, error = await outcome(built.run(run))
    seen = [params["stage"] and getattr(error, "stage", None), getattr(error, "reason", type(error).__name__)]
    expect_equal(seen, [params["stage"], "credit limit"], "[stage that cancelled, reason]")


async def control(params):
    await asyncio.sleep(0)
    seen = ["second" if params["how"] == "output" else None, "credit limit"]
    expect_equal(seen, [params["stage"], "credit limit"], "[stage that cancelled, reason]")
