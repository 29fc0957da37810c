"""Lookups give the stored value, falsy ones included, and the default only when there is none."""

from components.lab.flow import stage_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A lookup in StageInputs gives another value than the stage's output holds",
    claim="get searches in order, get_from and require_from read the named stage; falsy values count as values.",
    source="docs/api/inputs.md#methods",
    component="stageflow.stages.inputs.StageInputs.get_from",
    subsystem="inputs",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Zero, False or an empty text is replaced by a default.",
    recommendation="Test for the key, not for the value's truth.",
)

OUTPUTS = {"a": {"zero": 0, "empty": "", "none": None, "false": False, "both": "from a"}, "b": {"both": "from b", "only_b": [1]}}
ROWS = (
    ("get", "", "zero", 0),
    ("get", "", "empty", ""),
    ("get", "", "false", False),
    ("get", "", "none", None),
    ("get", "", "both", "from a"),
    ("get", "", "only_b", [1]),
    ("get", "", "nowhere", "default"),
    ("get_from", "a", "zero", 0),
    ("get_from", "a", "empty", ""),
    ("get_from", "a", "none", None),
    ("get_from", "b", "both", "from b"),
    ("get_from", "a", "only_b", "default"),
    ("get_from", "c", "both", "default"),
    ("require_from", "a", "false", False),
    ("require_from", "a", "none", None),
    ("require_from", "b", "both", "from b"),
    ("require_from", "a", "only_b", "KeyError"),
    ("require_from", "c", "both", "KeyError"),
)
CASES = tuple(
    Case(
        f"{method} {stage} {key}",
        {"method": method, "stage": stage, "key": key, "expected": expected},
        component=f"stageflow.stages.inputs.StageInputs.{method}",
    )
    for method, stage, key, expected in ROWS
)


def looked_up(inputs, params):
    arguments = [params["stage"]] * bool(params["stage"]) + [params["key"]] + ["default"] * (params["method"] != "require_from")
    try:
        return getattr(inputs, params["method"])(*arguments)
    except KeyError:
        return "KeyError"


def scenario(params):
    ok = need("stageflow:StageOutput").ok
    outputs = {name: ok(data=dict(data)) for name, data in OUTPUTS.items()}
    make = need("stageflow.stages.inputs:create_stage_inputs")
    inputs = make(snapshot=stage_context().snapshot, prior_outputs=outputs, declared_deps=["a", "b", "c"])
    expect_equal(looked_up(inputs, params), params["expected"], "value")


class PlainInputs:
    def get(self, key, default):
        return next((data[key] for data in OUTPUTS.values() if key in data), default)

    def get_from(self, stage, key, default):
        return OUTPUTS.get(stage, {}).get(key, default)

    def require_from(self, stage, key):
        return OUTPUTS[stage][key]


def control(params):
    expect_equal(looked_up(PlainInputs(), params), params["expected"], "value")
