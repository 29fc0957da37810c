"""with_conditional_branch runs the branches that the router chooses, not all of them."""

import warnings

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="with_conditional_branch runs all branches; its docstring says that they run based on the router's output",
    claim="The conditional branches execute based on the router's output.",
    source="docstring:stageflow.pipeline.builder_helpers.with_conditional_branch",
    component="stageflow.pipeline.builder_helpers.with_conditional_branch",
    subsystem="builder",
    category="correctness",
    type="documentation",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Who trusts the docstring handles every request as urgent, normal and low priority at once, with all their side effects.",
    recommendation="Skip branches that the router did not choose, or say in the docstring that every branch has to look itself.",
    workaround="Check the router's output inside every branch, as the composition guide shows.",
    virtual_time=True,
    cause="stageflow.pipeline.builder_helpers:with_conditional_branch",
)

CASES = (Case("two branches", {"branches": ["high", "low"]}), Case("three branches", {"branches": ["high", "normal", "low"]}))


def branch_stage(name, choice, ran):
    class Branch:
        async def execute(self, ctx):
            ran.append(name)
            keys = ("route", "branch", "selected", "selected_branch", "decision", "next", "target")
            return dict.fromkeys(keys, choice)

    return Branch()


def judge_choice(sets):
    if len({tuple(sorted(ran)) for ran in sets}) == 1:
        raise Violation("branches that depend on the router's choice", "the same branches for every choice")


async def scenario(params):
    warnings.simplefilter("ignore")
    module = "stageflow.pipeline"
    add = need(f"{module}.builder_helpers:with_conditional_branch")
    sets = []
    for choice in params["branches"]:
        ran = []
        router = branch_stage("router", choice, [])
        branches = {key: (f"{key}_handler", branch_stage(key, choice, ran)) for key in params["branches"]}
        builder = add(need(f"{module}.builder:PipelineBuilder")(name="p"), ("router", router), branches)
        await builder.build().run(pipeline_context())
        sets.append(ran)
    judge_choice(sets)


async def control(params):
    judge_choice([[key for key in params["branches"] if key == choice] for choice in params["branches"]])
