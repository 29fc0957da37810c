"""A failed run raises an error that names the stage and carries the stage's own exception."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The error of a failed run does not name the stage or loses the stage's exception",
    claim="The error's `stage` is the failed stage and its `original` is what that stage raised, or carries its error text.",
    source="docs/guides/pipelines.md#stage-failures",
    component="stageflow.pipeline.dag.UnifiedStageExecutionError",
    subsystem="dag",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Handlers act on the wrong stage, or cannot tell a time-out from bad input.",
    recommendation="Raise UnifiedStageExecutionError(stage, original) with the stage's own exception.",
    virtual_time=True,
)

CASES = (
    Case("LookupError", {"raises": "LookupError"}),
    Case("KeyError", {"raises": "KeyError"}),
    Case("ZeroDivisionError", {"raises": "ZeroDivisionError"}),
    Case("returned StageOutput.fail", {"raises": ""}),
)
TEXT = "cause 4711"
ERRORS = {error.__name__: error for error in (LookupError, KeyError, ZeroDivisionError)}


def told(stage, original, params):
    """What the error says; which exception stands for a returned failure is not promised."""
    kind = type(original).__name__ if params["raises"] else "any"
    return [stage, kind, TEXT in str(original)]


async def scenario(params):
    async def fine(ctx):
        return {}

    async def broken(ctx):
        if params["raises"]:
            raise ERRORS[params["raises"]](TEXT)
        return need("stageflow:StageOutput").fail(error=TEXT)

    _, error = await outcome(graph(pipeline(("first", fine), ("broken", broken, ["first"]), ("other", fine))).run(context()))
    seen = told(getattr(error, "stage", None), getattr(error, "original", None), params)
    expect_equal(seen, ["broken", params["raises"] or "any", True], "[stage, type of original, original has the stage's text]")


async def control(params):
    try:
        raise ERRORS.get(params["raises"], RuntimeError)(TEXT)
    except Exception as error:
        seen = told("broken", error, params)
    expect_equal(seen, ["broken", params["raises"] or "any", True], "[stage, type of original, original has the stage's text]")
