"""Artifacts returned the way the guide shows end up in StageOutput.artifacts."""

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The guide's way to return artifacts, StageOutput.ok(artifacts=[…]), leaves StageOutput.artifacts empty",
    claim="A stage returns artifacts with StageOutput.ok(…, artifacts=[…]), and they are in StageOutput.artifacts.",
    source="docs/guides/stages.md#adding-artifacts",
    component="stageflow.core.stage_output.StageOutput.ok",
    subsystem="dag",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Who follows the guide produces no artifacts: they land as a data key that no artifact consumer reads.",
    recommendation="Give StageOutput.ok() artifacts and events parameters, or show StageOutput(status=…, artifacts=[…]) in the guide.",
    workaround="Construct StageOutput(status=StageStatus.OK, data=…, artifacts=[…]) directly.",
    virtual_time=True,
    cause="stageflow.core.stage_output:StageOutput.ok #artifacts",
)

CASES = (Case("one artifact", {"count": 1}),)


async def scenario(params):
    artifact = need("stageflow.core:StageArtifact")
    output = need("stageflow:StageOutput")
    need("stageflow:StageOutput.artifacts")

    async def chart(ctx):
        return output.ok(chart_generated=True, artifacts=[artifact(type="chart", payload={"data": [1, 2]})])

    results = await results_of(graph(pipeline(("chart", chart))).run(context()))
    expect_equal(len(results["chart"].artifacts), params["count"], "artifacts in the stage's output")


async def control(params):
    output = {"data": {"chart_generated": True}, "artifacts": [{"type": "chart"}]}
    expect_equal(len(output["artifacts"]), params["count"], "artifacts in a plain output")
