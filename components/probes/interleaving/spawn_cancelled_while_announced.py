"""A spawn that does not come to run its child, because it is cancelled or its event fails, is not registered as running."""

import asyncio
import uuid

from components.lab.dag_kit import ending
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A spawn that is cancelled while its start event is delivered stays registered as a running child for ever",
    claim="When spawn() has ended, however it ended, its child is no longer among the children of the parent run.",
    source="invariant:no leak",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn.start",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Entries of the tracker and the spawner pile up, active_children counts runs that never were, and cascades cancel them.",
    recommendation="Begin the try block whose finally unregisters the child before the child is registered and announced.",
    workaround="Call cleanup_run() of the tracker for the parent's children after a cancelled spawn.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:SubpipelineSpawner.spawn #registered-before-try",
)

CASES = (Case("cancelled", {"how": "cancelled"}), Case("event fails", {"how": "fails"}))


class SlowSink:
    """Takes ten seconds for each event, and may fail then."""

    def __init__(self, fails):
        self.fails = fails

    async def emit(self, *, type, data):
        await asyncio.sleep(10)
        if self.fails:
            raise ConnectionError("log service away")

    def try_emit(self, *, type, data):
        """Nothing to do."""


async def spawn_ends(spawn, how):
    task = asyncio.ensure_future(spawn)
    if how == "cancelled":
        asyncio.get_running_loop().call_later(5, task.cancel)
    await ending(task)


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    tracker, parent = need(f"{module}:ChildRunTracker")(), pipeline_context()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)
    need("stageflow.events:set_event_sink")(SlowSink(params["how"] == "fails"))

    async def child(ctx):
        return {}

    await spawn_ends(spawner.spawn("child", parent, uuid.uuid4(), "stage", child), params["how"])
    expect_equal(len(await tracker.get_children(parent.pipeline_run_id)), 0, "registered children when the spawn has ended")


async def control(params):
    children = set()

    async def spawn():
        try:
            children.add("child")
            await SlowSink(params["how"] == "fails").emit(type="started", data={})
        finally:
            children.discard("child")

    await spawn_ends(spawn(), params["how"])
    expect_equal(len(children), 0, "registered children when the spawn has ended")
