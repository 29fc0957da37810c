"""In any graph, each failure mode lets exactly the stages run that it says, as a scheduler asks about them one by one."""

from components.lab.dag_strategy import Dice, with_causes
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="In some graphs FailureCollector lets stages run, or holds stages back, against its mode",
    claim=(
        "Whatever the graph, after failures FAIL_FAST lets nothing run, CONTINUE_ON_FAILURE what does not depend on a failed stage, "
        "directly or through others, and BEST_EFFORT everything."
    ),
    source="docstring:stageflow.pipeline.failure_tolerance",
    component="stageflow.pipeline.failure_tolerance.FailureCollector.should_continue",
    subsystem="failure_tolerance",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Stages run without the data they need, or healthy branches are given up.",
    recommendation="Record skipped stages and treat them like failed ones.",
    workaround="Call record_failure() for every skipped stage.",
)

CAUSE = "stageflow.pipeline.failure_tolerance:FailureCollector.should_continue"


def features(params):
    """Whether a stage depends on a failed one through others only."""
    failed, out = set(), set()
    for name, after, fails in params["rows"]:
        if out.intersection(after):
            if params["mode"] == "CONTINUE_ON_FAILURE" and not failed.intersection(after):
                return {"failure two steps back"}
            out.add(name)
        elif fails:
            failed.add(name)
            out.add(name)
    return {params["mode"]}


def case_of(params):
    return Case("", params, cause=CAUSE if "failure two steps back" in features(params) else "")


CASES = with_causes(
    (
        Case("two branches", {"mode": "CONTINUE_ON_FAILURE", "rows": [["a", [], True], ["b", ["a"], False], ["x", [], False]]}),
        Case("second step", {"mode": "CONTINUE_ON_FAILURE", "rows": [["a", [], True], ["b", ["a"], False], ["c", ["b"], False]]}),
        Case("best effort", {"mode": "BEST_EFFORT", "rows": [["a", [], True], ["b", ["a"], True], ["c", ["b"], False]]}),
        Case("fail fast", {"mode": "FAIL_FAST", "rows": [["x", [], False], ["a", [], True], ["b", [], False]]}),
    ),
    case_of,
)


def draw_rows(dice):
    """A mode and stages in the order of a scheduler: name, dependencies, whether it fails."""
    rows = []
    for number in range(dice.number(1, 9)):
        after = [name for name, _, _ in rows if dice.happens(3)]
        rows.append([f"s{number}", after, dice.happens(4)])
    return {"mode": dice.choose(("CONTINUE_ON_FAILURE", "BEST_EFFORT", "FAIL_FAST")), "rows": rows}


def strategy():
    from hypothesis import strategies  # only a search needs it

    return strategies.composite(lambda draw: draw_rows(Dice(lambda low, high: draw(strategies.integers(low, high)))))()


def stages_run(rows, asked, fails_told):
    """The stages that run when a scheduler asks before each and tells what fails."""
    ran = []
    for name, after, fails in rows:
        if asked(name, set(after)):
            ran.append(name)
            if fails:
                fails_told(name)
    return ran


def promised_runs(params):
    out = set()

    def asked(name, after):
        if params["mode"] == "CONTINUE_ON_FAILURE" and out & after:
            out.add(name)
            return False
        return params["mode"] != "FAIL_FAST" or not out

    return stages_run(params["rows"], asked, out.add)


def scenario(params):
    module = need("stageflow.pipeline.failure_tolerance")
    collector = module.FailureCollector(module.FailureMode[params["mode"]])
    ran = stages_run(params["rows"], collector.should_continue, lambda name: collector.record_failure(name, ValueError("broken")))
    expect_equal(ran, promised_runs(params), "stages that may run")


def control(params):
    depends = {name: set(after) for name, after, _ in params["rows"]}
    failed = []

    def behind(name):
        return any(other in failed or behind(other) for other in depends[name])

    def asked(name, after):
        held = {"FAIL_FAST": bool(failed), "CONTINUE_ON_FAILURE": behind(name), "BEST_EFFORT": False}
        return not held[params["mode"]]

    expect_equal(stages_run(params["rows"], asked, failed.append), promised_runs(params), "stages that may run")
