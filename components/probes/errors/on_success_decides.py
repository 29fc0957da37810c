"""The result of a stage run is what on_success makes of it."""

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageRunner publishes the raw result when on_success returns an empty dict",
    claim="on_success transforms the successful result to the data dict: that dict is the data, also when it is empty.",
    source="docstring:stageflow.stages.errors.StageRunner.run",
    component="stageflow.stages.errors.StageRunner",
    subsystem="errors",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A transformation that leaves nothing over publishes everything instead.",
    recommendation="Use on_success(result) whenever on_success is given; `a and b or c` falls through on an empty dict.",
    workaround="Return a dict with a marker key.",
    cause="stageflow.stages.errors:StageRunner.run",
)

CASES = (
    Case("kept", {"result": {"a": 1, "b": 2}, "keys": ["a"]}),
    Case("emptied", {"result": {"b": 2}, "keys": []}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need("stageflow.stages.errors")
    return CASES


async def scenario(params):
    async def body():
        return params["result"]

    def only(result):
        return {key: result[key] for key in params["keys"]}

    result = await need("stageflow.stages.errors:StageRunner")("call", pipeline_context()).run(body, on_success=only)
    expect_equal(result.data, only(params["result"]), "data of the result")


async def control(params):
    result = {key: value for key, value in params["result"].items() if key in params["keys"]}
    expect_equal(sorted(result), params["keys"], "keys kept by hand")
