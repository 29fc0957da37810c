"""Exactly max_depth levels of sub-pipelines can be nested."""

import uuid

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The number of sub-pipeline levels that can be nested is not max_depth",
    claim="max_depth levels of nesting are allowed and one more raises MaxDepthExceededError; siblings do not count.",
    source="docs/advanced/subpipelines.md#depth-limiting",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Runaway recursion goes on, or allowed nesting is refused.",
    recommendation="Refuse when the parent's depth has reached max_depth.",
    virtual_time=True,
)

CASES = (
    *(Case(f"max_depth={n}", {"max_depth": n, "siblings": 1}) for n in (1, 2, 3, 7)),
    Case("default", {"max_depth": None, "siblings": 1}),
    Case("max_depth=2, 4 siblings each", {"max_depth": 2, "siblings": 4}),
)


async def deepest(spawn, siblings):
    """Nest until refused; the depth that was reached."""
    reached = 0

    async def level(ctx, depth):
        nonlocal reached
        reached = max(reached, depth)
        for _ in range(siblings):
            await spawn(ctx, lambda child: level(child, depth + 1))
        return {}

    await level(pipeline_context(), 0)
    return reached


async def scenario(params):
    limit = {} if params["max_depth"] is None else {"max_depth": params["max_depth"]}
    spawner = need("stageflow.pipeline.subpipeline:SubpipelineSpawner")(**limit)
    exceeded = need("stageflow.pipeline.subpipeline:MaxDepthExceededError")

    async def spawn(ctx, child):
        try:
            await spawner.spawn("p", ctx, uuid.uuid4(), "stage", child)
        except exceeded:
            return

    wanted = params["max_depth"] or need("stageflow.pipeline.subpipeline:DEFAULT_MAX_SUBPIPELINE_DEPTH")
    expect_equal(await deepest(spawn, params["siblings"]), wanted, "levels that could be nested")


async def control(params):
    wanted = params["max_depth"] or 5
    depths = {}

    async def spawn(ctx, child):
        depth = depths.get(id(ctx), 0)
        if depth < wanted:
            key = object()
            depths[id(key)] = depth + 1
            kept.append(key)
            await child(key)

    kept = []
    expect_equal(await deepest(spawn, params["siblings"]), wanted, "levels that could be nested")
