"""Cancelling a parent's context stops its running child pipelines."""

import asyncio
import uuid

from components.lab.flow import graph, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="Cancelling the parent context does not reach a running child pipeline",
    claim="Parent cancellation cascades to children: a running child pipeline does not go on to its end.",
    source="docs/advanced/subpipelines.md#cancellation-propagation",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request that was called off goes on doing all of its delegated work.",
    recommendation="Let a forked context ask its parent whether the run is cancelled.",
    workaround="Keep the child contexts and cancel them with cancel_with_children(contexts=…).",
    virtual_time=True,
    cause="stageflow.stages.context:PipelineContext.is_canceled",
)

CASES = (Case("child", {"levels": 1}), Case("grandchild", {"levels": 2}))
STAGES = 12


async def scenario(params):
    spawner = need("stageflow.pipeline.subpipeline:SubpipelineSpawner")()
    done = []

    async def step(ctx):
        await asyncio.sleep(1)
        done.append(ctx.stage_name)
        return {}

    steps = graph(pipeline(*[(f"s{n}", step, [f"s{n - 1}"] if n else []) for n in range(STAGES)]))

    async def nested(ctx, level):
        runner = steps.run if level == params["levels"] else lambda child: nested(child, level + 1)
        return await spawner.spawn("child", ctx, uuid.uuid4(), "stage", runner)

    parent = pipeline_context()
    asyncio.get_running_loop().call_later(2.5, parent.mark_canceled)
    await nested(parent, 1)
    expect(len(done) < STAGES, "a child run that ends early", "the child's stages all ran")


async def control(params):
    cancelled = asyncio.Event()
    asyncio.get_running_loop().call_later(2.5, cancelled.set)
    done = []
    for number in range(STAGES * params["levels"]):
        if cancelled.is_set():
            break
        await asyncio.sleep(1)
        done.append(number)
    expect(len(done) < STAGES, "a child run that ends early", "the child's stages all ran")
