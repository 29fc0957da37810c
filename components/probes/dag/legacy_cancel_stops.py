"""StageOutput.cancel() stops a StageGraph: the stages behind the cancelling one do not run."""

import warnings

from components.lab.dag_kit import ending
from components.lab.flow import pipeline_context, stage_class
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageGraph treats StageOutput.cancel() as success and runs the stages behind it",
    claim="StageOutput.cancel() stops the pipeline without error: stages that depend on the cancelling one do not run.",
    source="docstring:stageflow.core.stage_output.StageOutput.cancel",
    component="stageflow.pipeline.dag.StageGraph.run",
    subsystem="dag",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A guard that blocks a request with cancel() has no effect in pipelines built with PipelineBuilder.",
    recommendation="Stop scheduling in StageGraph.run when an output's status is CANCEL.",
    workaround="Build with Pipeline instead of PipelineBuilder, or return StageOutput.fail() from the guard and check for it downstream.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:StageGraph.run #cancel",
)

CASES = (Case("guard cancels", {"reason": "blocked content"}),)


async def scenario(params):
    warnings.simplefilter("ignore")
    spec = need("stageflow.pipeline.dag:StageSpec")
    output = need("stageflow:StageOutput")
    ran = []

    async def guard(ctx):
        return output.cancel(reason=params["reason"])

    async def send(ctx):
        ran.append("send")
        return {}

    rows = [spec(name="guard", runner=stage_class(guard)), spec(name="send", runner=stage_class(send), dependencies=("guard",))]
    await ending(need("stageflow.pipeline.dag:StageGraph")(rows).run(pipeline_context()))
    expect_equal(ran, [], "stages that ran behind a cancelling guard")


async def control(params):
    ran = []
    cancelled = {"status": "cancel", "reason": params["reason"]}
    if cancelled["status"] != "cancel":
        ran.append("send")
    expect_equal(ran, [], "steps that ran behind a cancelling guard")
