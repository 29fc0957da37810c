"""The ways of making a guardrail stage that the documentation shows work."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The usage example of the guardrails module makes a GuardrailStage in a way that raises TypeError",
    claim="The calls in the module's usage example and in the guard security guide's strict and fail-open guards make a guardrail stage.",
    source="docstring:stageflow.helpers.guardrails",
    component="stageflow.helpers.GuardrailStage.__init__",
    subsystem="guardrails",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Guards copied from the documentation cannot be made.",
    recommendation="Pass config= in the module's example and checks= in the guide's subclasses, or accept both calls.",
    workaround="Call GuardrailStage(checks=[...], config=GuardrailConfig(...)).",
)

CASES = (
    Case("module example", {"given": ["checks", "fail_on_violation"]}, cause="docs:GuardrailStage(fail_on_violation=...)"),
    Case(
        "subclass in the security guide",
        {"given": ["config"]},
        "The guard security guide makes a GuardrailStage without checks, which raises TypeError",
        "docs/advanced/guard-security.md",
        "docs:GuardrailStage without checks",
    ),
)
VALUES = {"checks": [], "config": None, "fail_on_violation": True}


def accepts(given):
    stage = need("stageflow.helpers:GuardrailStage")
    stage([])
    try:
        stage(**{name: VALUES[name] for name in given})
    except TypeError:
        return False
    return True


@promised
def scenario(params):
    shown = ", ".join(f"{name}=..." for name in params["given"])
    expect(accepts(params["given"]), f"GuardrailStage({shown}) works", "TypeError")


def control(params):
    expect(accepts(["checks", "config"]), "GuardrailStage(checks=..., config=...) works", "TypeError")
