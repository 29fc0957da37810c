"""Starting, stopping, creating, flushing or cancelling the same thing from several tasks at once has the effect of doing it once."""

import asyncio
import uuid
import warnings

from components.lab.flow import RecordingSink, context, outcome, pipeline_context
from components.lab.interleave_kit import all_results, result_of, strategy_of, under_schedules
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Doing the same from several tasks at once has more effect than doing it once",
    claim="Concurrent repetitions of start, stop, close, flush, get-or-create, cancel and undo have the effect of one.",
    source="invariant:exactly once",
    component="stageflow.events.BackpressureAwareEventSink.start",
    subsystem="events",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Two requests that arrive together double events, tasks, cancellations or refunds.",
    recommendation="Check and set in one step without an await between, or under a lock.",
    workaround="Serialise such calls in the caller.",
    seconds=30.0,
)

COMPONENTS = {
    "sink start": "stageflow.events.BackpressureAwareEventSink.start",
    "sink stop": "stageflow.events.BackpressureAwareEventSink.stop",
    "exporter flush": "stageflow.helpers.BufferedExporter.flush",
    "channel": "stageflow.helpers.RealtimeStageBus.channel",
    "queue close": "stageflow.helpers.ChunkQueue.close",
    "output": "stageflow.context.OutputBag.write",
    "overwritten output": "stageflow.context.OutputBag.write.overwrite",
    "context value": "stageflow.context.ContextBag.write",
    "cascade": "stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
}
CASES = (
    *(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items()),
    Case(
        "undo",
        {"target": "undo", "seeds": 6},
        title="Two concurrent undo_action() calls undo the same action twice",
        component="stageflow.tools.AdvancedToolExecutor.undo_action",
        cause="stageflow.tools.executor_v2:AdvancedToolExecutor.undo_action #twice",
    ),
)
TIMES = 3


async def at_once(schedule, call, what):
    """The results of `TIMES` calls from tasks of their own."""

    async def caller():
        await schedule.pause()
        return await call()

    return await all_results(*(caller() for _ in range(TIMES)), what=what)


class Arrivals:
    """A slow receiver of events, one by one or in batches."""

    def __init__(self, schedule):
        self.schedule, self.items, self.inside, self.most = schedule, [], 0, 0

    async def emit(self, *, type, data):
        self.inside += 1
        self.most = max(self.most, self.inside)
        await asyncio.sleep(0.2)
        await self.schedule.pause()
        self.inside -= 1
        self.items.append(data["n"])

    async def export_batch(self, events):
        await self.schedule.pause()
        self.items += [event.data["n"] for event in events]

    async def close(self):
        await self.schedule.pause()


def tasks_left():
    return len(asyncio.all_tasks()) - 1


async def sink_start_scene(schedule):
    arrivals = Arrivals(schedule)
    sink = need("stageflow.events:BackpressureAwareEventSink")(arrivals)
    await at_once(schedule, sink.start, "every start()")
    for n in range(4):
        sink.try_emit(type="event", data={"n": n})
    await asyncio.sleep(20)
    await result_of(sink.stop(), "stop()")
    wanted = [[0, 1, 2, 3], 1, 0]
    expect_equal([arrivals.items, arrivals.most, tasks_left()], wanted, "[events delivered, deliveries at once, tasks left]")


async def sink_stop_scene(schedule):
    """Stopped before the worker has taken anything: all events are drained, once."""
    arrivals = Arrivals(schedule)
    sink = need("stageflow.events:BackpressureAwareEventSink")(arrivals)
    await sink.start()
    for n in range(4):
        sink.try_emit(type="event", data={"n": n})
    others = asyncio.ensure_future(at_once(schedule, lambda: sink.stop(timeout=100.0), "every stop()"))
    await sink.stop(timeout=100.0)
    await others
    expect_equal([sorted(arrivals.items), tasks_left()], [[0, 1, 2, 3], 0], "[events delivered, tasks left]")


async def exporter_flush_scene(schedule):
    arrivals = Arrivals(schedule)
    exporter = need("stageflow.helpers:BufferedExporter")(arrivals, flush_interval_seconds=0.5)
    for n in range(4):
        await exporter.export(need("stageflow.helpers:AnalyticsEvent")("probe", data={"n": n}))
    await at_once(schedule, exporter.flush, "every flush()")
    await asyncio.sleep(30)
    await at_once(schedule, exporter.close, "every close()")
    expect_equal([sorted(arrivals.items), tasks_left()], [[0, 1, 2, 3], 0], "[events written, tasks left]")


async def channel_scene(schedule):
    bus = need("stageflow.helpers:RealtimeStageBus")()
    queues = await at_once(schedule, lambda: bus.channel("channel"), "every channel()")
    expect_equal(len({id(queue) for queue in queues}), 1, "queues made for one channel")


async def queue_close_scene(schedule):
    """A closed queue is closed once: one consumer gets the items and the end."""
    queue = need("stageflow.helpers:ChunkQueue")()
    got = []

    async def consume():
        while (item := await queue.get()) is not None:
            got.append(item)
            await schedule.pause()

    await queue.put(1)
    consumer = asyncio.ensure_future(consume())
    await at_once(schedule, queue.close, "every close()")
    await result_of(consumer, "the consumer")
    expect_equal([got, await queue.put(2), queue.is_closed], [[1], False, True], "[items got, put() after close(), closed]")


async def written(schedule, write, refused):
    numbers = iter(range(TIMES))
    found = await at_once(schedule, lambda: write(next(numbers)), "every write()")
    expect_equal(sum(one != refused for one in found), 1, "writers of one name that were not refused")


async def output_scene(schedule):
    bag, output = need("stageflow.context:OutputBag")(), need("stageflow:StageOutput")
    await written(schedule, lambda n: bag.write("stage", output.ok(data={"n": n})), "OutputConflictError")
    expect_equal(bag.get_attempt_count("stage"), 1, "attempts recorded")


async def overwritten_scene(schedule):
    bag, output = need("stageflow.context:OutputBag")(), need("stageflow:StageOutput")
    entries = await at_once(schedule, lambda: bag.write("stage", output.ok(), allow_overwrite=True), "every write()")
    expect_equal(sorted(entry.attempt for entry in entries), [1, 2, 3], "attempt numbers given")


async def context_value_scene(schedule):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bag = need("stageflow.context:ContextBag")()
    await written(schedule, lambda n: bag.write("key", n, f"stage {n}"), "DataConflictError")


async def cascade_scene(schedule):
    """A tree of runs is cancelled from several tasks: each run is reported and announced once."""
    module, sink = "stageflow.pipeline.subpipeline", RecordingSink()

    class SlowSink(RecordingSink):
        async def emit(self, *, type, data):
            await schedule.pause()
            await sink.emit(type=type, data=data)

    need("stageflow.events:set_event_sink")(SlowSink())
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)
    runs = [context().pipeline_run_id for _ in range(4)]
    for parent, child in ((0, 1), (0, 2), (2, 3)):
        await tracker.register_child(runs[parent], runs[child])
    found = await at_once(schedule, lambda: spawner.cancel_with_children(runs[0]), "every cancellation")
    reported = sorted(runs.index(run) for part in found for run in part)
    announced = sorted(runs.index(uuid.UUID(data["pipeline_run_id"])) for _, data in sink.events)
    expect_equal([reported, announced], [[0, 1, 2, 3]] * 2, "[runs reported as cancelled, runs announced as cancelled]")


async def undo_scene(schedule):
    undone = []

    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        undone.append("undo")
        await schedule.pause()

    executor = need("stageflow.tools:AdvancedToolExecutor")(undo_store=need("stageflow.tools:UndoStore")())
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name="refund", action_type="refund", handler=handler, undoable=True, undo_handler=undo))
    action = Action("refund")
    await executor.execute(action, pipeline_context())
    await at_once(schedule, lambda: outcome(executor.undo_action(action.id, pipeline_context())), "every undo")
    expect_equal(len(undone), 1, "runs of the undo handler for one action")


SCENES = {
    "sink start": sink_start_scene,
    "sink stop": sink_stop_scene,
    "exporter flush": exporter_flush_scene,
    "channel": channel_scene,
    "queue close": queue_close_scene,
    "output": output_scene,
    "overwritten output": overwritten_scene,
    "context value": context_value_scene,
    "cascade": cascade_scene,
    "undo": undo_scene,
}


async def plain_scene(schedule):
    """Get-or-create under a lock."""
    lock, made = asyncio.Lock(), []

    async def create():
        async with lock:
            if not made:
                await schedule.pause()
                made.append(object())
            return made[0]

    found = await at_once(schedule, create, "every creation")
    expect_equal([len({id(one) for one in found}), len(made)], [1, 1], "[things handed out, things made]")


def scenario(params):
    under_schedules(params, SCENES[params["target"]])


def control(params):
    under_schedules(params, plain_scene)


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
