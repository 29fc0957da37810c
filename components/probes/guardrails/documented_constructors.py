"""The ways of making a guardrail stage that the documentation shows work."""

import inspect

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="The usage example of the guardrails module raises TypeError",
    claim="GuardrailStage(checks=[...], fail_on_violation=True), as in the module's own usage example, makes a guardrail stage.",
    source="docstring:stageflow.helpers.guardrails",
    component="stageflow.helpers.GuardrailStage.__init__",
    subsystem="guardrails",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="The first thing a user copies does not run.",
    recommendation="Correct the examples, or accept the settings as keywords.",
    workaround="Pass config=GuardrailConfig(fail_on_violation=True).",
)

CASES = (
    Case("module example", {"given": ["checks", "fail_on_violation"]}),
    Case(
        "subclass in the security guide",
        {"given": ["config"]},
        title="The strict guard of the security guide cannot be made: it leaves out the required checks",
        component="stageflow.helpers.GuardrailStage",
    ),
)


def accepts(given):
    made = inspect.signature(need("stageflow.helpers:GuardrailStage"))
    try:
        made.bind(**dict.fromkeys(given))
    except TypeError:
        return False
    return True


def scenario(params):
    shown = ", ".join(f"{name}=..." for name in params["given"])
    expect(accepts(params["given"]), f"GuardrailStage({shown}) works", "TypeError")


def control(params):
    expect(accepts(["checks", "config"]), "GuardrailStage(checks=..., config=...) works", "TypeError")
