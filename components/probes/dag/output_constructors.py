"""The named constructors of StageOutput set the right status and keep text, data and version."""

from components.lab.flow import status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A constructor of StageOutput sets the wrong status or loses what it is given",
    claim="ok, skip, cancel, fail and retry give an output of that status with the given text, data and version.",
    source="docs/api/core.md#constructors",
    component="stageflow.core.stage_output.StageOutput",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A failure counts as success, or the reason is lost.",
    recommendation="Set status, error, data and version in each constructor.",
)

CASES = (
    Case("ok", {"make": "ok", "text": "", "key": "data", "expected": ["ok", None, {"n": 0}, "v2"]}),
    Case("skip", {"make": "skip", "text": "why", "expected": ["skip", None, {"reason": "why", "n": 0}, "v2"]}),
    Case("cancel", {"make": "cancel", "text": "why", "expected": ["cancel", None, {"cancel_reason": "why", "n": 0}, "v2"]}),
    Case("fail", {"make": "fail", "text": "why", "expected": ["fail", "why", {"n": 0}, "v2"]}),
    Case("retry", {"make": "retry", "text": "why", "expected": ["retry", "why", {"n": 0}, "v2"]}),
)


def scenario(params):
    make = getattr(need("stageflow:StageOutput"), params["make"])
    need("stageflow:StageOutput.version")
    output = make(params["text"], data={"n": 0}, version="v2") if params["text"] else make(data={"n": 0}, version="v2")
    expect_equal(
        [status_of(output), output.error, dict(output.data), output.version], list(params["expected"]), "[status, error, data, version]"
    )


def control(params):
    key = {"skip": "reason", "cancel": "cancel_reason"}.get(params["make"])
    error = params["text"] if params["make"] in ("fail", "retry") else None
    seen = [params["make"], error, ({key: params["text"]} if key else {}) | {"n": 0}, "v2"]
    expect_equal(seen, list(params["expected"]), "[status, error, data, version]")
