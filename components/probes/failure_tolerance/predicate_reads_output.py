"""A stage:key predicate is true exactly when that stage's output has a truthy value under the key."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage:key predicate does not follow that stage's output",
    claim="evaluate() is the truth of the named key in the named stage's output; a stage without output does not hold anybody up.",
    source="docstring:stageflow.pipeline.failure_tolerance.ConditionalDependency.evaluate",
    component="stageflow.pipeline.failure_tolerance.ConditionalDependency.evaluate",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages run or are skipped by the wrong flag.",
    recommendation="Look the key up in the output of the named stage only.",
)

OUTPUTS = {"gate": {"on": 1, "off": 0, "none": None, "text": "no"}, "other": {"off": True, "only_here": True}}
CASES = (
    Case("truthy", {"predicate": "gate:on", "runs": True}),
    Case("zero", {"predicate": "gate:off", "runs": False}),
    Case("None", {"predicate": "gate:none", "runs": False}),
    Case("text", {"predicate": "gate:text", "runs": True}),
    Case("missing key", {"predicate": "gate:only_here", "runs": False}),
    Case("stage without output", {"predicate": "later:on", "runs": True}),
)
KINDS = ("dict", "StageOutput")


def cases():
    return [Case(f"{case.id}, {kind}", {**case.params, "kind": kind}) for case in CASES for kind in KINDS]


def scenario(params):
    make = need("stageflow.pipeline.failure_tolerance:ConditionalDependency")
    wrap = need("stageflow:StageOutput.ok") if params["kind"] == "StageOutput" else dict
    outputs = {name: wrap(data) for name, data in OUTPUTS.items()}
    expect_equal(make(stage="work", predicate=params["predicate"]).evaluate(outputs), params["runs"], "stage runs")


def control(params):
    stage, key = params["predicate"].split(":")
    expect_equal(bool(OUTPUTS[stage].get(key)) if stage in OUTPUTS else True, params["runs"], "stage runs")
