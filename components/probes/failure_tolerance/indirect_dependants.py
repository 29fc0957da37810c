"""With CONTINUE_ON_FAILURE no stage runs that depends on a failed one, directly or through others."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="CONTINUE_ON_FAILURE runs stages whose indirect dependency failed",
    claim="After a failure only unrelated branches continue: whatever depends on the failed stage, also indirectly, is skipped.",
    source="docstring:stageflow.pipeline.failure_tolerance",
    component="stageflow.pipeline.failure_tolerance.FailureCollector.should_continue",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Stages run without the data they need, two steps behind the failure.",
    recommendation="Record skipped stages and treat them like failed ones.",
    workaround="Call record_failure() for every skipped stage.",
    cause="stageflow.pipeline.failure_tolerance:FailureCollector.should_continue",
)

CASES = (
    Case("direct", {"rows": [["b", ["a"]]], "expected": []}),
    Case("second step", {"rows": [["b", ["a"]], ["c", ["b"]]], "expected": []}),
    Case(
        "third step and others", {"rows": [["b", ["a"]], ["x", []], ["c", ["b"]], ["y", ["x"]], ["d", ["c", "x"]]], "expected": ["x", "y"]}
    ),
)


def scenario(params):
    modes = need("stageflow.pipeline.failure_tolerance:FailureMode")
    collector = need("stageflow.pipeline.failure_tolerance:FailureCollector")(modes.CONTINUE_ON_FAILURE)
    collector.record_failure("a", ValueError("broken"))
    ran = []
    for name, after in params["rows"]:
        if collector.should_continue(name, set(after)):
            ran.append(name)
            collector.record_completion(name)
    expect_equal(ran, list(params["expected"]), "stages that may run after stage a has failed")


def control(params):
    out, ran = {"a"}, []
    for name, after in params["rows"]:
        if out.intersection(after):
            out.add(name)
        else:
            ran.append(name)
    expect_equal(ran, list(params["expected"]), "stages that may run after stage a has failed")
