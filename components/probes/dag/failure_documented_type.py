"""The exception type that the guides tell users to catch is the one that a failed run raises."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="The documented `except StageExecutionError` does not catch the failure of a pipeline run",
    claim="When a stage fails, the pipeline raises StageExecutionError, with `stage` and `original`.",
    source="docs/guides/pipelines.md#stage-failures",
    component="stageflow.StageExecutionError",
    subsystem="dag",
    category="correctness",
    type="documentation",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Error handling copied from the guides is never entered; the request handler crashes instead of degrading.",
    recommendation="Make UnifiedStageExecutionError a subclass of StageExecutionError, or name it in the guides.",
    workaround="Catch stageflow.UnifiedStageExecutionError.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageExecutionError",
)

CASES = (Case("stage raises", {"how": "raise"}), Case("stage returns fail", {"how": "fail"}))


async def scenario(params):
    documented = need("stageflow:StageExecutionError")

    async def broken(ctx):
        if params["how"] == "raise":
            raise ValueError("broken")
        return need("stageflow:StageOutput").fail(error="broken")

    _, error = await outcome(graph(pipeline(("broken", broken))).run(context()))
    expect(isinstance(error, documented), "a StageExecutionError", f"{type(error).__name__}, which is not one")


async def control(params):
    async def broken():
        raise ValueError("broken")

    _, error = await outcome(broken())
    expect(isinstance(error, ValueError), "a ValueError", f"{type(error).__name__}, which is not one")
