"""Each failure mode lets exactly the stages run that it says."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A failure mode lets the wrong stages run",
    claim="FAIL_FAST stops at the first failure, CONTINUE_ON_FAILURE skips what depends on it, BEST_EFFORT runs everything.",
    source="docstring:stageflow.pipeline.failure_tolerance.FailureCollector.should_continue",
    component="stageflow.pipeline.failure_tolerance.FailureCollector.should_continue",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work goes on after a failure that should stop it, or stops for nothing.",
    recommendation="Decide by mode, recorded failures and the stage's dependencies.",
)

CASES = (
    Case("default is fail fast", {"mode": None, "failed": [], "expected": [True, True]}),
    Case("default after a failure", {"mode": None, "failed": ["a"], "expected": [False, False]}),
    Case("fail fast after a failure", {"mode": "FAIL_FAST", "failed": ["a"], "expected": [False, False]}),
    Case("continue, no failure", {"mode": "CONTINUE_ON_FAILURE", "failed": [], "expected": [True, True]}),
    Case("continue after a failure", {"mode": "CONTINUE_ON_FAILURE", "failed": ["a"], "expected": [False, True]}),
    Case("continue after other failures", {"mode": "CONTINUE_ON_FAILURE", "failed": ["x", "y"], "expected": [True, True]}),
    Case("best effort", {"mode": "BEST_EFFORT", "failed": ["a", "b"], "expected": [True, True]}),
)


def scenario(params):
    modes = need("stageflow.pipeline.failure_tolerance:FailureMode")
    make = need("stageflow.pipeline.failure_tolerance:FailureCollector")
    collector = make(modes[params["mode"]]) if params["mode"] else make()
    for name in params["failed"]:
        collector.record_failure(name, "broken")
    seen = [bool(collector.should_continue("behind a", {"a"})), bool(collector.should_continue("elsewhere", {"z"}))]
    expect_equal(seen, list(params["expected"]), "[stage behind a may run, unrelated stage may run]")


def control(params):
    if params["mode"] == "BEST_EFFORT":
        seen = [True, True]
    elif params["mode"] == "CONTINUE_ON_FAILURE":
        seen = ["a" not in params["failed"], "z" not in params["failed"]]
    else:
        seen = [not params["failed"]] * 2
    expect_equal(seen, list(params["expected"]), "[stage behind a may run, unrelated stage may run]")
