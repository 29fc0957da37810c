"""Nobody waits for ever: whatever is waited for and in whatever order things happen, every waiter goes on."""

import asyncio
import uuid

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.interleave_kit import all_results, ended, strategy_of, under_schedules
from components.lab.plain_kit import PlainDecisions, PlainLimiter, PlainOnce, PlainQueue
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A waiter is never woken: it waits for ever",
    claim="Everybody who waits for a place, an item, a decision or a key goes on once it is there, in whatever order.",
    source="invariant:liveness",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="Under load some requests never end.",
    recommendation="Wake every waiter whose condition has become true, in a finally block where the work before can fail.",
    workaround="Put a time limit around every wait, and close a queue once for each consumer.",
    seconds=30.0,
)

COMPONENTS = {
    "limiter": "stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    "granted": "stageflow.tools.ApprovalService.record_decision",
    "cancelled request": "stageflow.tools.ApprovalService.cancel_request",
    "producers": "stageflow.helpers.ChunkQueue.put",
    "subscribers": "stageflow.helpers.RealtimeStageBus.subscribe",
    "duplicates": "stageflow.pipeline.idempotency.IdempotencyInterceptor",
    "writers": "stageflow.events.BackpressureAwareEventSink.emit",
}

CASES = (
    *(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items()),
    Case(
        "consumers of a closed queue",
        {"target": "consumers", "seeds": 2},
        title="ChunkQueue.close() wakes only one waiting consumer: the others wait for ever",
        component="stageflow.helpers.ChunkQueue.close",
        cause="stageflow.helpers.streaming:ChunkQueue.get",
    ),
)


async def limited(schedule, limiter):
    async def use():
        await schedule.pause()
        await limiter.acquire()
        try:
            await schedule.pause()
        finally:
            limiter.release()

    await all_results(*(use() for _ in range(6)), what="every user of the limiter")


def limiter_scene(schedule):
    module = "stageflow.pipeline.failure_tolerance"
    return limited(schedule, need(f"{module}:BackpressureMonitor")(need(f"{module}:BackpressureConfig")(max_active_stages=2)))


async def decided(schedule, ask, wait, decide, expected):
    """Callers who begin to wait before and after the decision."""
    request = await ask()

    async def caller():
        await schedule.pause()
        return await wait(request)

    async def decider():
        await schedule.pause()
        await decide(request)

    *found, _ = await all_results(*(caller() for _ in range(3)), decider(), what="whoever waits for a decision")
    expect_equal(found, [expected] * 3, "the decision each caller got")


async def approvals(schedule, granted):
    service = need("stageflow.tools:ApprovalService")()

    async def ask():
        return (await service.request_approval(uuid.uuid4(), "tool")).id

    async def wait(request):
        return (await service.await_decision(request, timeout_seconds=500)).granted

    async def decide(request):
        await (service.record_decision(request, granted=True) if granted else service.cancel_request(request))

    await decided(schedule, ask, wait, decide, granted)


def granted_scene(schedule):
    return approvals(schedule, True)


def cancelled_scene(schedule):
    return approvals(schedule, False)


async def producing(schedule, queue):
    """Producers wait for room while one consumer reads."""

    async def produce():
        for n in range(3):
            await queue.put(n)
            await schedule.pause()

    async def consume():
        for _ in range(9):
            await schedule.pause()
            await queue.get()

    await all_results(*(produce() for _ in range(3)), consume(), what="every producer and the consumer")


def producers_scene(schedule):
    return producing(schedule, need("stageflow.helpers:ChunkQueue")(max_size=1))


async def consuming(schedule, queue):
    """Consumers wait for items when the queue is closed."""

    async def consume():
        while await queue.get() is not None:
            await schedule.pause()

    consumers = [asyncio.ensure_future(consume()) for _ in range(3)]
    await schedule.pause()
    await queue.put(1)
    await asyncio.sleep(5)
    await queue.close()
    await ended(*consumers, what="every consumer of a closed queue")


def consumers_scene(schedule):
    return consuming(schedule, need("stageflow.helpers:ChunkQueue")(max_size=4))


async def subscribers_scene(schedule):
    """One subscriber for each of three channels, which begins before or after the first item; the bus is closed in the end."""
    bus = need("stageflow.helpers:RealtimeStageBus")()

    async def subscribe(name):
        await schedule.pause()
        return [item async for item in bus.subscribe(name)]

    async def publish(name):
        await schedule.pause()
        await bus.publish(name, name)

    readers = [asyncio.ensure_future(subscribe(name)) for name in "abc"]
    await all_results(*(publish(name) for name in "abc"), what="every publisher")
    await asyncio.sleep(30)
    await bus.close_all()
    await ended(*readers, what="the subscriber of a closed channel")
    expect_equal([reader.result() for reader in readers], [["a"], ["b"], ["c"]], "what the subscribers got")


def charging(schedule, ran, limit):
    """A stage body that fails first, is too slow then, and works after that."""

    async def charge(who):
        ran.append(who)
        await schedule.pause()
        if len(ran) == 1:
            raise ValueError("declined")
        if len(ran) == 2:
            await asyncio.sleep(2 * limit)
        return {"receipt": 1}

    return charge


async def duplicates_scene(schedule):
    charge = charging(schedule, [], 5.0)

    async def stage(ctx):
        return await charge("request")

    stack = [need("stageflow:TimeoutInterceptor")(), need("stageflow.pipeline.idempotency:IdempotencyInterceptor")()]
    built = graph(pipeline(("charge", stage, (), "work")), stack)

    async def request():
        await schedule.pause()
        return await outcome(built.run(context(data={"idempotency_key": "order", "_timeout_ms": 5000})))

    await all_results(*(request() for _ in range(5)), what="every request with one key")


async def writers_scene(schedule):
    class Downstream:
        async def emit(self, *, type, data):
            await schedule.pause()
            if data["n"] == 1:
                raise ConnectionError("log service away")

    sink = need("stageflow.events:BackpressureAwareEventSink")(Downstream(), max_queue_size=1)

    async def write():
        for n in range(3):
            await schedule.pause()
            await sink.emit(type="event", data={"n": n})

    await all_results(*(write() for _ in range(3)), what="every writer to a full sink")


SCENES = {
    "limiter": limiter_scene,
    "granted": granted_scene,
    "cancelled request": cancelled_scene,
    "producers": producers_scene,
    "consumers": consumers_scene,
    "subscribers": subscribers_scene,
    "duplicates": duplicates_scene,
    "writers": writers_scene,
}


async def plain_duplicates(schedule):
    once = PlainOnce(charging(schedule, [], 5.0), 5.0)
    await all_results(*(once.run("order", "request") for _ in range(5)), what="every request with one key")


def plain_decided(schedule):
    decisions = PlainDecisions()
    return decided(schedule, decisions.ask, lambda request: decisions.wait(request, 500), lambda r: decisions.decide(r, True), True)


PLAIN = {
    "limiter": lambda schedule: limited(schedule, PlainLimiter(2)),
    "granted": plain_decided,
    "cancelled request": plain_decided,
    "consumers": lambda schedule: consuming(schedule, PlainQueue(4)),
    "duplicates": plain_duplicates,
}


def scenario(params):
    under_schedules(params, SCENES[params["target"]])


def control(params):
    under_schedules(params, PLAIN.get(params["target"], lambda schedule: producing(schedule, PlainQueue(1))))


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
