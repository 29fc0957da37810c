"""A sink that reacts to pipeline.canceled may ask the spawner about the run."""

import asyncio

from components.lab.dag_kit import ending
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="cancel_with_children deadlocks when an event handler uses the spawner",
    claim="The spawner can be used from the handler of an event that it emits.",
    source="invariant:liveness",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=False,
    impact="One handler that asks is_canceled() blocks every further spawn and cancellation of that spawner for ever.",
    recommendation="Emit the event after the lock has been released.",
    workaround="Hand the event to another task before using the spawner.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:SubpipelineSpawner.cancel_with_children #lock",
)

CASES = (Case("handler asks is_canceled", {"limit": 3600}),)


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=need(f"{module}:ChildRunTracker")())
    run = pipeline_context().pipeline_run_id

    class AskingSink:
        async def emit(self, *, type, data):
            await spawner.is_canceled(run)

        def try_emit(self, *, type, data):
            return None

    need("stageflow.events:set_event_sink")(AskingSink())
    how = await ending(asyncio.wait_for(spawner.cancel_with_children(run), params["limit"]))
    expect_equal(how, "returned", "how cancel_with_children ends within an hour")


async def control(params):
    lock = asyncio.Lock()

    async def handler():
        async with lock:
            return True

    async def cancel():
        async with lock:
            cancelled = ["run"]
        await handler()
        return cancelled

    how = await ending(asyncio.wait_for(cancel(), params["limit"]))
    expect_equal(how, "returned", "how a cancellation that emits outside its lock ends")
