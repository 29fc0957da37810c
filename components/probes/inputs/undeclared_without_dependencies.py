"""A stage without any declared dependency cannot read other stages' outputs by mistake and unnoticed."""

from components.lab.dag_kit import raised_by
from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage that declares no dependency at all gets no UndeclaredDependencyError, only silent defaults",
    claim="Reading the output of a stage that is not declared as a dependency raises UndeclaredDependencyError.",
    source="docs/guides/dependencies.md#overview",
    component="stageflow.stages.inputs.StageInputs",
    subsystem="inputs",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Forgetting the dependencies altogether is not detected: get_from() gives its default and the stage works on None.",
    recommendation="Tell 'none declared' (empty set) from 'unknown' (None) and validate in the first case too.",
    workaround="Use require_from(), which raises KeyError.",
    virtual_time=True,
    cause="stageflow.stages.inputs:StageInputs._validate_dependency",
)

CASES = (Case("another dependency declared", {"after": ["first"]}), Case("no dependency declared", {"after": []}))


async def scenario(params):
    error_class = need("stageflow.stages.inputs:UndeclaredDependencyError")
    seen = []

    async def body(ctx):
        return {"v": 1}

    async def reader(ctx):
        seen.append(raised_by(lambda: ctx.inputs.get_from("other", "v")))
        return {}

    await outcome(graph(pipeline(("first", body), ("other", body), ("reader", reader, params["after"]))).run(context()))
    expect_equal(seen, [error_class.__name__], "what reading from an undeclared stage raises")


async def control(params):
    declared = frozenset(params["after"])

    def read(name):
        if name not in declared:
            raise PermissionError(name)

    expect_equal(raised_by(lambda: read("other")), "PermissionError", "what reading from an undeclared stage raises")
