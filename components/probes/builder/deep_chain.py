"""A long chain of stages can be built, in whichever order its stages are declared."""

from components.lab.dag_kit import plain_pipeline, raised_by
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Pipeline.build() raises RecursionError on a long chain whose stages are declared before their dependencies",
    claim="A valid pipeline builds, whatever its depth and the order of declaration.",
    source="invariant:the order of declaration does not matter",
    component="stageflow.pipeline.validation.validate_stage_dependencies",
    subsystem="builder",
    category="scalability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="A generated chain of a thousand stages builds or crashes depending on the order in which its stages were declared.",
    recommendation="Search for cycles with an explicit stack, or by Kahn's algorithm.",
    workaround="Declare dependencies before the stages that need them.",
    cause="stageflow.pipeline.validation:_detect_cycles",
)

CASES = (
    Case("50 stages, consumers first", {"stages": 50, "backwards": True}),
    Case("2000 stages, producers first", {"stages": 2000, "backwards": False}),
    Case("2000 stages, consumers first", {"stages": 2000, "backwards": True}),
)


async def body(ctx):
    return {}


def chain_rows(params):
    rows = [(f"s{n}", [f"s{n - 1}"] if n else []) for n in range(params["stages"])]
    return rows[::-1] if params["backwards"] else rows


def scenario(params):
    expect_equal(raised_by(plain_pipeline(chain_rows(params), body).build), "nothing", "what build() raises")


def control(params):
    def sort():
        after = dict(chain_rows(params))
        waiting = {deps[0]: name for name, deps in after.items() if deps}
        name, count = "s0", 1
        while name in waiting:
            name, count = waiting[name], count + 1
        assert count == params["stages"]

    expect_equal(raised_by(sort), "nothing", "what sorting the chain raises")
