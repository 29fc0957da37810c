"""The run's context holds the artifacts that its stages produced."""

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="PipelineContext.artifacts, documented as the produced artifacts, is never filled",
    claim="PipelineContext.artifacts holds the StageArtifact objects produced during the run.",
    source="docs/guides/context.md#pipelinecontext",
    component="stageflow.stages.context.PipelineContext.artifacts",
    subsystem="dag",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Code that delivers ctx.artifacts after a run, and to_dict()'s artifacts_count, always see none.",
    recommendation="Append each output's artifacts to the context in run(), or remove the field from the guide.",
    workaround="Collect output.artifacts from the results.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #artifacts",
)

CASES = (Case("two stages", {"stages": 2}),)


async def scenario(params):
    artifact = need("stageflow.core:StageArtifact")
    output = need("stageflow:StageOutput")
    ok = need("stageflow:StageStatus").OK

    async def chart(ctx):
        return output(status=ok, artifacts=[artifact(type="chart", payload={})])

    run = context()
    await results_of(graph(pipeline(*[(f"s{n}", chart) for n in range(params["stages"])])).run(run))
    expect_equal(len(run.artifacts), params["stages"], "artifacts in the run's context")


async def control(params):
    outputs = [["chart"] for _ in range(params["stages"])]
    expect_equal(len([artifact for output in outputs for artifact in output]), params["stages"], "artifacts in the run's context")
