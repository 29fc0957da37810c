"""stage_names() lists all stages of a pipeline that is meant to be composed with another."""

from components.lab.dag_kit import plain_pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="stage_names() leaves out stages that depend on a stage of another pipeline",
    claim="stage_names() lists every stage of the pipeline, also in an extension whose dependencies are met only after compose().",
    source="docstring:stageflow.pipeline.pipeline.Pipeline.stage_names",
    component="stageflow.pipeline.validation.topologically_sorted_stage_names",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Inventories, tests and diagrams of reusable components miss stages without a word, while has_stage() knows them.",
    recommendation="Ignore dependencies outside of the pipeline when counting in-degrees, and raise on cycles.",
    workaround="Use list(pipeline.stages).",
    cause="stageflow.pipeline.validation:topologically_sorted_stage_names",
)

CASES = (
    Case("complete pipeline", {"rows": [["process", []], ["output", ["process"]]]}),
    Case("extension of the guide", {"rows": [["enrich", []], ["output", ["process", "enrich"]]]}),
    Case("extension with a tail", {"rows": [["enrich", ["input"]], ["output", ["enrich"]]]}),
)


async def body(ctx):
    return {}


def scenario(params):
    names = plain_pipeline(params["rows"], body).stage_names()
    expect_equal(sorted(names), sorted(name for name, _ in params["rows"]), "stages listed")


def control(params):
    names = {name: after for name, after in params["rows"]}
    expect_equal(sorted(names), sorted(name for name, _ in params["rows"]), "stages listed")
