"""The result of a spawned child says truthfully how it went."""

import uuid

from components.lab.flow import graph, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The result of a spawned child pipeline does not say how the child ended",
    claim="success, data and error of SubpipelineResult are those of the child run.",
    source="docs/advanced/subpipelines.md#subpipelineresult",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A parent goes on as if a failed child had worked, or drops a good one's output.",
    recommendation="Report success only for a runner that returned.",
    virtual_time=True,
)

CASES = (
    Case("runner returns a dict", {"how": "dict", "expected": [True, {"n": 0}, None]}),
    Case("runner returns another value", {"how": "value", "expected": [True, {"result": 7}, None]}),
    Case("runner raises", {"how": "raise", "expected": [False, None, "cause 4711"]}),
    Case("child pipeline works", {"how": "graph", "expected": [True, {"only": {"n": 1}}, None]}),
    Case("child pipeline fails", {"how": "graph fails", "expected": [False, None, "cause 4711"]}),
)


async def child_run(how, child):
    async def stage(ctx):
        if how == "graph fails":
            raise ValueError("cause 4711")
        return {"n": 1}

    if how == "raise":
        raise ValueError("cause 4711")
    if how.startswith("graph"):
        return await graph(pipeline(("only", stage))).run(child)
    return {"n": 0} if how == "dict" else 7


async def scenario(params):
    if params["how"].startswith("graph"):
        need("stageflow:PipelineContext.derive_root_stage_context")  # a child context can be run

    async def runner(child):
        return await child_run(params["how"], child)

    result = await need("stageflow.pipeline.subpipeline:SubpipelineSpawner")().spawn("p", pipeline_context(), uuid.uuid4(), "stage", runner)
    data = {name: getattr(value, "data", value) for name, value in result.data.items()} if result.data is not None else None
    error = "cause 4711" if result.error and "cause 4711" in result.error else result.error
    expect_equal([result.success, data, error], list(params["expected"]), "[success, data, error]")


async def control(params):
    failed = params["how"] in ("raise", "graph fails")
    values = {"dict": {"n": 0}, "value": {"result": 7}, "graph": {"only": {"n": 1}}}
    seen = [not failed, values.get(params["how"]), "cause 4711" if failed else None]
    expect_equal(seen, list(params["expected"]), "[success, data, error]")
