"""Metadata can be passed to the simple ways of running a pipeline, as documented."""

from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="run_simple_pipeline and PipelineRunner raise TypeError for any metadata: create_snapshot passes metadata twice",
    claim="metadata is an optional dictionary to include in the snapshot.",
    source="docstring:stageflow.helpers.run_utils.run_simple_pipeline",
    component="stageflow.helpers.PipelineRunner.create_snapshot",
    subsystem="observability",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="A documented argument can never be used: the call fails before the pipeline starts.",
    recommendation="Merge: metadata={'channel': channel, **(kwargs.pop('metadata', None) or {})}.",
    workaround="Build a PipelineContext with metadata and call pipeline.run(ctx).",
    cause="stageflow.helpers.run_utils:PipelineRunner.create_snapshot",
)

CASES = (
    Case("run_simple_pipeline", {"way": "simple"}),
    Case("PipelineRunner.run", {"way": "runner"}),
    Case("create_snapshot", {"way": "snapshot"}),
)


async def seen_by_stage(run):
    """The metadata that a stage of the pipeline sees."""
    seen = []

    async def look(ctx):
        seen.append(dict(ctx.snapshot.metadata))
        return need("stageflow:StageOutput").ok()

    await run(pipeline(("look", look)))
    return seen[0]


async def metadata_of(way):
    helpers = need("stageflow.helpers")
    if way == "snapshot":
        return helpers.PipelineRunner(verbose=False).create_snapshot(metadata={"tier": "gold"}).metadata
    if way == "simple":
        return await seen_by_stage(lambda pipe: helpers.run_simple_pipeline(pipe, "hello", metadata={"tier": "gold"}))
    return await seen_by_stage(lambda pipe: helpers.PipelineRunner(verbose=False).run(pipe, metadata={"tier": "gold"}))


@promised
async def scenario(params):
    try:
        found = await metadata_of(params["way"])
    except TypeError as error:
        raise Violation("the metadata is in the snapshot", f"TypeError: {str(error).rpartition(') ')[2]}") from None
    expect_equal(found.get("tier"), "gold", "metadata in the snapshot")


async def control(params):
    ctx = context(metadata={"tier": "gold"})
    found = await seen_by_stage(lambda pipe: graph(pipe).run(ctx))
    expect_equal(found.get("tier"), "gold", "metadata in the snapshot")
