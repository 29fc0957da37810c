"""A broken event sink does not change what happens to child runs."""

import uuid

from components.lab.dag_kit import ending
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A failing event sink turns a successful child run into a failed one and stops cancellation cascades",
    claim="An event that cannot be delivered changes neither a child's result nor which runs are cancelled.",
    source="invariant:telemetry failures are isolated",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=True,
    impact="An outage of the log service makes finished work count as failed, and leaves runs uncancelled that should stop.",
    recommendation="Catch and log exceptions of sink.emit in the spawner's _emit_… methods.",
    workaround="Wrap the sink in one that never raises.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:SubpipelineSpawner._emit_completed",
)

CASES = (
    Case("child has completed", {"broken": "pipeline.child_completed", "expected": [True, {"paid": True}]}),
    Case("runs are being cancelled", {"broken": "pipeline.canceled", "expected": [True, True]}),
    Case("sink works", {"broken": "", "expected": [True, {"paid": True}]}),
)


class BrokenSink:
    """Raises for one type of event."""

    def __init__(self, broken):
        self.broken = broken

    async def emit(self, *, type, data):
        if type == self.broken:
            raise ConnectionError("log service away")

    def try_emit(self, *, type, data):
        """Nothing to do."""


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    need("stageflow.events:set_event_sink")(BrokenSink(params["broken"]))
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)
    run = pipeline_context()
    if params["broken"] == "pipeline.canceled":
        child = uuid.uuid4()
        await tracker.register_child(run.pipeline_run_id, child)
        await ending(spawner.cancel_with_children(run.pipeline_run_id))
        seen = [await spawner.is_canceled(child), await spawner.is_canceled(run.pipeline_run_id)]
        expect_equal(seen, list(params["expected"]), "[child, parent] cancelled")
        return

    async def runner(child):
        return {"paid": True}

    result = await spawner.spawn("p", run, uuid.uuid4(), "stage", runner)
    expect_equal([result.success, result.data], list(params["expected"]), "[success, data] of a child run that completed")


async def control(params):
    sink = BrokenSink(params["broken"])
    cancelled = []
    for run in ("child", "parent"):
        cancelled.append(run)
        await ending(sink.emit(type="pipeline.canceled", data={}))
    seen = [True, True] if params["broken"] == "pipeline.canceled" else [len(cancelled) == 2, {"paid": True}]
    expect_equal(seen, list(params["expected"]), "outcome with a sink whose errors are caught")
