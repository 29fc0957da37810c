"""A predicate that cannot be evaluated lets the stage run."""

from importlib.util import find_spec

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="A conditional dependency skips its stage, or crashes, when its predicate cannot be evaluated",
    claim="The stage executes when the predicate does not fit the outputs or cannot be evaluated.",
    source="docstring:stageflow.pipeline.failure_tolerance.ConditionalDependency.evaluate",
    component="stageflow.pipeline.failure_tolerance.ConditionalDependency",
    subsystem="failure_tolerance",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages are skipped for a reason that nobody stated.",
    recommendation="Answer True for every predicate that cannot be evaluated.",
)

OUTPUTS = {"gate": {"flag": 0, "rows": [1]}, "odd": 7}
CASES = (
    Case("no key", {"predicate": "gate"}),
    Case("two colons", {"predicate": "gate:flag:x"}),
    Case("unknown stage", {"predicate": "nobody:flag"}),
    Case("output without keys", {"predicate": "odd:flag"}),
    Case("path, no evaluator", {"predicate": "gate.missing"}),
    Case("index, no evaluator", {"predicate": "gate:rows[5]"}),
    Case("index of a path, no evaluator", {"predicate": "gate.rows[5]"}),
    Case("empty", {"predicate": ""}),
)


def scenario(params):
    if ("." in params["predicate"] or "[" in params["predicate"]) and find_spec("jmespath"):
        raise NotApplicable("paths can be evaluated here")
    make = need("stageflow.pipeline.failure_tolerance:ConditionalDependency")
    dependency = make(stage="work", predicate=params["predicate"])
    try:
        seen = dependency.evaluate(OUTPUTS)
    except Exception as error:
        seen = f"{type(error).__name__} raised"
    expect_equal(seen, True, "stage runs")


def control(params):
    stage, colon, key = params["predicate"].partition(":")
    output = OUTPUTS.get(stage)
    readable = colon and ":" not in key and isinstance(output, dict) and key in output
    expect_equal(bool(output[key]) if readable else True, True, "stage runs")
