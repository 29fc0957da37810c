"""A stage factory is called exactly once for each stage."""

import warnings

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A builder helper does not call its stage factory exactly once per stage",
    claim="The factory is called once for every index, in order.",
    source="docstring:stageflow.pipeline.builder_helpers.with_linear_chain",
    component="stageflow.pipeline.builder_helpers.with_linear_chain",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A factory that opens a client or numbers its stages makes too many or too few of them.",
    recommendation="Call the factory once for every index and keep what it returned.",
)

FLUENT = "stageflow.pipeline.builder_helpers.FluentPipelineBuilder"
CASES = (
    Case("with_linear_chain", {"helper": "with_linear_chain", "count": 3}),
    Case("with_parallel_stages", {"helper": "with_parallel_stages", "count": 3}),
    Case("with_fan_out_fan_in", {"helper": "with_fan_out_fan_in", "count": 3}),
    Case("fluent linear_chain", {"helper": "linear_chain", "count": 3}, component=f"{FLUENT}.linear_chain"),
    Case("fluent parallel", {"helper": "parallel", "count": 3}, component=f"{FLUENT}.parallel"),
    Case("fluent fan_out_fan_in", {"helper": "fan_out_fan_in", "count": 3}, component=f"{FLUENT}.fan_out_fan_in"),
)


class Made:
    async def execute(self, ctx):
        return {}


def scenario(params):
    warnings.simplefilter("ignore")
    module = "stageflow.pipeline.builder_helpers"
    calls = []

    def factory(index):
        calls.append(index)
        return f"s{index}", Made()

    helper, count, ends = params["helper"], params["count"], (("first", Made()), ("last", Made()))
    if helper.startswith("with_"):
        add, builder = need(f"{module}:{helper}"), need("stageflow.pipeline.builder:PipelineBuilder")(name="p")
    else:
        add, builder = getattr(need(f"{module}:FluentPipelineBuilder")("p"), helper), None
    arguments = (ends[0], count, factory, ends[1]) if "fan_out" in helper else (count, factory)
    add(*([builder] if builder else []), *arguments)
    if helper == "linear_chain":
        calls = list(dict.fromkeys(calls))  # nothing promises that it does not ask again for a name it has already seen
    expect_equal(calls, list(range(count)), "indices the factory was called with")


def control(params):
    calls = []
    for index in range(params["count"]):
        calls.append(index)
    expect_equal(calls, list(range(params["count"])), "indices the factory was called with")
