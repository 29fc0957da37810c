"""A context that was cancelled before the run runs no stage at all."""

import warnings

from components.lab.flow import context, graph, outcome, pipeline, pipeline_context, stage_class
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Stages run on a context that had been cancelled before",
    claim="A run on a cancelled context runs no stage and ends with UnifiedPipelineCancelled.",
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Side effects happen for a request that had been called off.",
    recommendation="Check the context before the first stage is scheduled.",
    virtual_time=True,
)

CASES = (
    Case("one stage", {"stages": 1}),
    Case("five stages", {"stages": 5}),
    Case("Pipeline.invoke", {"stages": 2, "way": "invoke"}),
    Case("PipelineRunner.run", {"stages": 2, "way": "runner"}),
    Case("StageGraph.run", {"stages": 2, "way": "legacy"}, component="stageflow.pipeline.dag.StageGraph.run"),
)


def started(way, rows, run):
    """The run as an awaitable, in the way of the case."""
    if way == "invoke":
        return pipeline(*rows).invoke(run)
    if way == "runner":
        return need("stageflow.helpers:PipelineRunner")(verbose=False).run(pipeline(*rows), pipeline_ctx=run)
    if way == "legacy":
        spec = need("stageflow.pipeline.dag:StageSpec")
        specs = [spec(name=name, runner=stage_class(body)) for name, body in rows]
        return need("stageflow.pipeline.dag:StageGraph")(specs).run(run)
    return graph(pipeline(*rows)).run(run)


async def scenario(params):
    warnings.simplefilter("ignore")  # the legacy graph warns that it is old
    ran = []

    async def body(ctx):
        ran.append("stage")
        return {}

    way = params.get("way", "graph")
    run = pipeline_context() if way == "legacy" else context()
    run.mark_canceled()
    _, error = await outcome(started(way, [(f"s{n}", body) for n in range(params["stages"])], run))
    if way == "graph":
        expect_equal([len(ran), type(error).__name__], [0, "UnifiedPipelineCancelled"], "[stages run, how the run ended]")
    expect_equal(len(ran), 0, "stages run on a cancelled context")


async def control(params):
    ran = []
    cancelled = True
    for n in range(params["stages"]):
        if not cancelled:
            ran.append(n)
    expect_equal([len(ran), "UnifiedPipelineCancelled"], [0, "UnifiedPipelineCancelled"], "[stages run, how the run ended]")
