"""Composing refuses two stages of one name that differ in any setting, and accepts identical ones."""

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="compose() accepts conflicting stages of one name, or refuses identical ones",
    claim="compose() preserves identical stage definitions and raises PipelineValidationError for conflicting ones.",
    source="docs/api/pipeline.md#additional-helpers",
    component="stageflow.pipeline.pipeline.Pipeline.compose",
    subsystem="builder",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="One of two different stages silently replaces the other.",
    recommendation="Compare runner, kind, dependencies, condition and configuration.",
)

BASE = {"runner": "A", "kind": "work", "after": [], "conditional": False, "config": {"mark": 1}}
CASES = (
    Case("identical", {"change": {}, "expected": "nothing"}),
    Case("other runner", {"change": {"runner": "B"}, "expected": "PipelineValidationError"}),
    Case("other kind", {"change": {"kind": "guard"}, "expected": "PipelineValidationError"}),
    Case("other dependencies", {"change": {"after": ["root"]}, "expected": "PipelineValidationError"}),
    Case("other condition", {"change": {"conditional": True}, "expected": "PipelineValidationError"}),
    Case("other configuration", {"change": {"config": {"mark": 2}}, "expected": "PipelineValidationError"}),
)


class RunnerA:
    def __init__(self, mark=0):
        self.mark = mark

    async def execute(self, ctx):
        return {}


class RunnerB(RunnerA):
    """Another stage class with the same settings."""


RUNNERS = {"A": RunnerA, "B": RunnerB}


def one_stage(settings):
    base = need("stageflow:Pipeline")().with_stage("root", RunnerA, "work")
    options = {"dependencies": tuple(settings["after"]), "conditional": settings["conditional"], "config": settings["config"]}
    return base.with_stage("shared", RUNNERS[settings["runner"]], settings["kind"], **options)


def scenario(params):
    if "stage wins" in (need("stageflow:Pipeline.compose").__doc__ or ""):
        raise NotApplicable("compose() is documented to replace stages of one name")
    first, second = one_stage(BASE), one_stage(BASE | params["change"])
    expect_equal(raised_by(lambda: first.compose(second)), params["expected"], "what compose() raises")


def control(params):
    same = {**BASE, **params["change"]} == BASE
    expect_equal("nothing" if same else "PipelineValidationError", params["expected"], "what a plain comparison says")
