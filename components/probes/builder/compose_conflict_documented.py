"""Composing two pipelines with different stages of one name does what the guide says."""

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The guide says the second pipeline's stage wins in compose(); in fact compose() raises",
    claim="When stage names conflict on composing, the second pipeline's stage wins.",
    source="docs/guides/pipelines.md#stage-name-conflicts",
    component="stageflow.pipeline.pipeline.Pipeline.compose",
    subsystem="builder",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Overriding a stage by composing, as the guide shows, fails at start-up.",
    recommendation="Say in the guide that conflicting definitions raise PipelineValidationError, as the API page does.",
    workaround="Replace the stage with with_stage() instead.",
    cause="docs:compose() with conflicting stages",
)

CASES = (Case("two classes", {"name": "shared"}),)


def stage_class(text):
    class Stage:
        async def execute(self, ctx):
            return {"from": text}

    return Stage


def scenario(params):
    make = need("stageflow:Pipeline")
    work = need("stageflow:StageKind").WORK
    first, second = (make().with_stage(params["name"], stage_class(text), work) for text in "AB")
    expect_equal(raised_by(lambda: first.compose(second)), "nothing", "what compose() raises on conflicting stages")


def control(params):
    first, second = {params["name"]: stage_class("A")}, {params["name"]: stage_class("B")}
    expect_equal(raised_by(lambda: first | second), "nothing", "what merging two dicts raises")
