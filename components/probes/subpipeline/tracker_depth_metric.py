"""The tracker's max_depth_seen tells how deep child runs were nested."""

import uuid

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="ChildRunTracker's max_depth_seen stays 0 however deep sub-pipelines are nested",
    claim="max_depth_seen is the maximum nesting depth of child runs.",
    source="docs/advanced/subpipelines.md#automatic-metrics-logging",
    component="stageflow.pipeline.subpipeline.ChildRunTracker.register_child",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The documented way to detect excessive nesting never shows any.",
    recommendation="Update max_depth_seen when a child is registered.",
    workaround="Call get_root_run() for every child.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:ChildRunTracker.register_child",
)

CASES = (Case("1 level", {"levels": 1}), Case("3 levels", {"levels": 3}))


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)

    async def level(ctx, left):
        if left:
            await spawner.spawn("p", ctx, uuid.uuid4(), "stage", lambda child: level(child, left - 1))
        return {}

    await level(pipeline_context(), params["levels"])
    expect_equal((await tracker.get_metrics())["max_depth_seen"], params["levels"], "max_depth_seen")


async def control(params):
    deepest = 0

    async def level(depth):
        nonlocal deepest
        deepest = max(deepest, depth)
        if depth < params["levels"]:
            await level(depth + 1)

    await level(0)
    expect_equal(deepest, params["levels"], "max_depth_seen")
