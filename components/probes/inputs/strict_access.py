"""Every accessor that names a stage validates it in strict mode, and only then."""

from components.lab.dag_kit import raised_by
from components.lab.flow import stage_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An accessor of StageInputs does not validate the stage it reads from",
    claim="get_from, require_from, has_output and get_output raise UndeclaredDependencyError for an undeclared stage in strict mode only.",
    source="docs/guides/dependencies.md#input-methods",
    component="stageflow.stages.inputs.StageInputs",
    subsystem="inputs",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Hidden data flow between stages goes unnoticed.",
    recommendation="Call the validation first in every accessor.",
)

METHODS = {"get_from": ["k"], "require_from": ["k"], "has_output": [], "get_output": []}
CASES = tuple(
    Case(
        f"{name}, {which}{'' if strict else ', not strict'}",
        {
            "method": name,
            "stage": which,
            "strict": strict,
            "expected": "UndeclaredDependencyError" if strict and which == "other" else "nothing",
        },
        component=f"stageflow.stages.inputs.StageInputs.{name}",
    )
    for name in METHODS
    for which in ("declared", "other")
    for strict in (True, False)
)


def scenario(params):
    ok = need("stageflow:StageOutput").ok
    make = need("stageflow.stages.inputs:create_stage_inputs")
    outputs = {"declared": ok(k=1), "other": ok(k=2)}
    inputs = make(
        snapshot=stage_context().snapshot, prior_outputs=outputs, declared_deps=["declared"], stage_name="me", strict=params["strict"]
    )
    seen = raised_by(lambda: getattr(inputs, params["method"])(params["stage"], *METHODS[params["method"]]))
    expect_equal(seen, params["expected"], "what the access raises")


def control(params):
    seen = "UndeclaredDependencyError" if params["strict"] and params["stage"] not in {"declared"} else "nothing"
    expect_equal(seen, params["expected"], "what the access raises")
