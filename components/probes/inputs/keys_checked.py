"""Keys that cannot be meant are refused with the documented exceptions."""

from components.lab.dag_kit import raised_by
from components.lab.flow import stage_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An accessor of StageInputs accepts a key that cannot be meant",
    claim="None and other non-strings raise TypeError, the empty string ValueError, in get, get_from and require_from.",
    source="docs/guides/stages.md#key-validation-and-error-handling",
    component="stageflow.stages.inputs.StageInputs.get",
    subsystem="inputs",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A variable that was not set reads as 'no data'.",
    recommendation="Validate the key before anything else.",
)

KEYS = ((None, "TypeError"), (5, "TypeError"), ("", "ValueError"), ("k", "nothing"))
CASES = tuple(
    Case(
        f"{method}({key!r})",
        {"method": method, "key": key, "expected": expected},
        component=f"stageflow.stages.inputs.StageInputs.{method}",
    )
    for method in ("get", "get_from", "require_from")
    for key, expected in KEYS
)


def scenario(params):
    make = need("stageflow.stages.inputs:create_stage_inputs")
    outputs = {"a": need("stageflow:StageOutput").ok(k=1)}
    inputs = make(snapshot=stage_context().snapshot, prior_outputs=outputs, declared_deps=["a"])
    arguments = [params["key"]] if params["method"] == "get" else ["a", params["key"]]
    expect_equal(raised_by(lambda: getattr(inputs, params["method"])(*arguments)), params["expected"], "what the access raises")


def control(params):
    def check(key):
        if not isinstance(key, str):
            raise TypeError(key)
        if not key:
            raise ValueError(key)

    expect_equal(raised_by(lambda: check(params["key"])), params["expected"], "what the access raises")
