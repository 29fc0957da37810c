"""ConditionalDependency skips on a false predicate only when skip_on_false says so."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="ConditionalDependency.skip_on_false has no effect",
    claim="With skip_on_false=False a stage is not skipped because its predicate is false.",
    source="invariant:a setting has an effect",
    component="stageflow.pipeline.failure_tolerance.ConditionalDependency.skip_on_false",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Stages that were told to run are skipped.",
    recommendation="Return True from evaluate() for a false predicate when skip_on_false is off.",
    workaround="Run the stage when evaluate() is true or skip_on_false is off.",
    cause="stageflow.pipeline.failure_tolerance:ConditionalDependency.evaluate",
)

CASES = (
    Case("true predicate", {"flag": True, "skip_on_false": True, "runs": True}),
    Case("false predicate, skip", {"flag": False, "skip_on_false": True, "runs": False}),
    Case("false predicate, no skip", {"flag": False, "skip_on_false": False, "runs": True}),
)


def scenario(params):
    make = need("stageflow.pipeline.failure_tolerance:ConditionalDependency")
    dependency = make(stage="work", predicate="gate:flag", skip_on_false=params["skip_on_false"])
    expect_equal(dependency.evaluate({"gate": {"flag": params["flag"]}}), params["runs"], "stage runs")


def control(params):
    expect_equal(params["flag"] or not params["skip_on_false"], params["runs"], "stage runs")
