"""A task that is cancelled while it waits for a place, an item, a decision or an end ends cancelled: nobody swallows it."""

import asyncio
import uuid

from components.lab.overlap_kit import passed_on
from components.lab.plain_kit import PlainLimiter, PlainQueue
from components.lab.probe import Case, Probe, need

PROBE = Probe(
    title="A cancellation is swallowed: the cancelled task goes on as if nothing had happened",
    claim="A task that is cancelled while it waits inside the library ends as cancelled, so that time-outs and task groups work.",
    source="invariant:cancellation",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="asyncio.timeout(), task groups and server shutdown have no effect on callers: they go on as if they had not been called off.",
    recommendation="Never suppress CancelledError around an await of something else; ask task.cancelled() of the awaited task instead.",
    seconds=30.0,
)

CASES = (
    Case("limiter", {"target": "limiter"}),
    Case("queue get", {"target": "get"}, component="stageflow.helpers.ChunkQueue.get"),
    Case("queue put", {"target": "put"}, component="stageflow.helpers.ChunkQueue.put"),
    Case("subscriber", {"target": "subscribe"}, component="stageflow.helpers.RealtimeStageBus.subscribe"),
    Case("approval", {"target": "approval"}, component="stageflow.tools.ApprovalService.await_decision"),
    Case("task group", {"target": "group"}, component="stageflow.pipeline.cancellation.StructuredTaskGroup"),
    Case("run_with_cleanup", {"target": "run_with_cleanup"}, component="stageflow.pipeline.cancellation.run_with_cleanup"),
    Case("sink emit", {"target": "emit"}, component="stageflow.events.BackpressureAwareEventSink.emit"),
)


async def waits_for_place(limiter):
    await limiter.acquire()
    asyncio.get_running_loop().call_later(1, limiter.release)
    return limiter.acquire()


async def waiting_for_place():
    module = "stageflow.pipeline.failure_tolerance"
    return await waits_for_place(need(f"{module}:BackpressureMonitor")(need(f"{module}:BackpressureConfig")(max_active_stages=1)))


async def waits_for_item(queue):
    async def later():
        await asyncio.sleep(1)
        await queue.put(1)

    asyncio.ensure_future(later())  # noqa: RUF006
    return queue.get()


async def waiting_for_item():
    return await waits_for_item(need("stageflow.helpers:ChunkQueue")(max_size=1))


async def waits_for_room(queue):
    async def later():
        await asyncio.sleep(1)
        await queue.get()

    await queue.put(0)
    asyncio.ensure_future(later())  # noqa: RUF006
    return queue.put(1)


async def waiting_for_room():
    return await waits_for_room(need("stageflow.helpers:ChunkQueue")(max_size=1))


async def subscribed():
    bus = need("stageflow.helpers:RealtimeStageBus")()

    async def later():
        await asyncio.sleep(1)
        await bus.publish("channel", 1)
        await bus.close_all()

    async def read():
        return [item async for item in bus.subscribe("channel")]

    asyncio.ensure_future(later())  # noqa: RUF006
    return read()


async def approval():
    service = need("stageflow.tools:ApprovalService")()
    request = await service.request_approval(uuid.uuid4(), "tool")

    async def later():
        await asyncio.sleep(1)
        await service.record_decision(request.id, granted=True)

    asyncio.ensure_future(later())  # noqa: RUF006
    return service.await_decision(request.id, timeout_seconds=5)


async def second():
    await asyncio.sleep(1)


async def group():
    async with need("stageflow.pipeline.cancellation:StructuredTaskGroup")() as tasks:
        tasks.create_task(asyncio.sleep(2))
        tasks.create_task(asyncio.sleep(3))
        await second()


async def grouped():
    return group()


async def cleaning_up():
    return need("stageflow.pipeline.cancellation:run_with_cleanup")(second(), second)


class SlowSink:
    """Takes a second for each event."""

    async def emit(self, *, type, data):
        await asyncio.sleep(1)


async def emit_all():
    sink = need("stageflow.events:BackpressureAwareEventSink")(SlowSink(), max_queue_size=1)
    for n in range(3):
        await sink.emit(type="event", data={"n": n})


async def emitting():
    return emit_all()


PREPARE = {
    "limiter": waiting_for_place,
    "get": waiting_for_item,
    "put": waiting_for_room,
    "subscribe": subscribed,
    "approval": approval,
    "emit": emitting,
    "group": grouped,
    "run_with_cleanup": cleaning_up,
}


async def plain_place():
    return await waits_for_place(PlainLimiter(1))


async def plain_item():
    return await waits_for_item(PlainQueue(1))


async def plain_room():
    return await waits_for_room(PlainQueue(1))


async def plain_second():
    return second()


PLAIN = {"limiter": plain_place, "get": plain_item, "put": plain_room}


def scenario(params):
    passed_on(PREPARE[params["target"]])


def control(params):
    passed_on(PLAIN.get(params["target"], plain_second))
