"""The builder helpers make exactly the edges that they describe."""

import warnings

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A builder helper makes other stages or edges than it describes",
    claim="Chains link each stage to the one before, parallel stages share their dependencies, fan-in waits for all branches.",
    source="docstring:stageflow.pipeline.builder_helpers.with_fan_out_fan_in",
    component="stageflow.pipeline.builder_helpers.with_fan_out_fan_in",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages run before their input is there, or wait for nothing.",
    recommendation="Derive the dependencies from the names just added.",
)

CHAIN = {"s0": ["root"], "s1": ["s0"], "s2": ["s1"]}
FREE = {"s0": [], "s1": ["s0"], "s2": ["s1"]}
WIDE = {"s0": ["root"], "s1": ["root"], "s2": ["root"]}
FAN = {"first": ["root"], "s0": ["first"], "s1": ["first"], "s2": ["first"], "last": ["s0", "s1", "s2"]}
BRANCH = {"first": ["root"], "x": ["first"], "y": ["first"], "last": ["x", "y"]}
HELPERS = "stageflow.pipeline.builder_helpers"
CASES = (
    Case("chain", {"helper": "with_linear_chain", "edges": CHAIN, "linked": True}, component=f"{HELPERS}.with_linear_chain"),
    Case("free chain", {"helper": "with_linear_chain", "edges": FREE, "linked": False}, component=f"{HELPERS}.with_linear_chain"),
    Case("parallel", {"helper": "with_parallel_stages", "edges": WIDE, "linked": True}, component=f"{HELPERS}.with_parallel_stages"),
    Case("fan-out and fan-in", {"helper": "with_fan_out_fan_in", "edges": FAN, "linked": True}),
    Case(
        "branches", {"helper": "with_conditional_branch", "edges": BRANCH, "linked": True}, component=f"{HELPERS}.with_conditional_branch"
    ),
)


class Shaped:
    async def execute(self, ctx):
        return {}


def added(helper, builder, after):
    def factory(index):
        return f"s{index}", Shaped()

    add, first, last = need(f"stageflow.pipeline.builder_helpers:{helper}"), ("first", Shaped()), ("last", Shaped())
    if helper == "with_linear_chain":
        return add(builder, 3, factory, first_depends_on=after)
    if helper == "with_parallel_stages":
        return add(builder, 3, factory, depends_on=after)
    if helper == "with_fan_out_fan_in":
        return add(builder, first, 3, factory, last, fan_out_depends_on=after)
    return add(builder, first, {"k1": ("x", Shaped()), "k2": ("y", Shaped())}, last, router_depends_on=after)


def scenario(params):
    warnings.simplefilter("ignore")
    base = need("stageflow.pipeline.builder:PipelineBuilder")(name="p").with_stage("root", Shaped())
    result = added(params["helper"], base, ("root",) if params["linked"] else None)
    edges = {name: list(spec.dependencies) for name, spec in result.stages.items()}
    expect_equal(edges, {"root": [], **params["edges"]}, "stages and their dependencies")


def control(params):
    edges = {"root": []}
    for name, after in params["edges"].items():
        edges[name] = list(after)
    expect_equal(edges, {"root": [], **params["edges"]}, "stages and their dependencies")
