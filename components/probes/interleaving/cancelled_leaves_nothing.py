"""A caller that is cancelled, wherever it waits, leaves nothing held, counted or registered behind: the next one gets on."""

import asyncio
import uuid
from datetime import UTC, datetime

from components.lab.flow import RecordingSink, context, graph, pipeline, pipeline_context
from components.lab.interleave_kit import cut_everywhere, ended, result_of
from components.lab.plain_kit import PlainDecisions, PlainLimiter, PlainOnce
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A cancelled caller leaves a lock, a place or a registration behind",
    claim="Wherever a caller is cancelled, what it had taken, counted or registered is given back, and the next caller gets on.",
    source="invariant:cancellation",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Every disconnected or timed out request makes the service a little slower, until it stands still.",
    recommendation="Give back in a finally block whatever was taken before the first await that can be cancelled.",
    workaround="Shield such a call from cancellation, or use a new key, item or object after one.",
    seconds=30.0,
)

CASES = (
    Case("limiter", {"target": "limiter"}),
    Case("approval", {"target": "approval"}, component="stageflow.tools.ApprovalService.await_decision"),
    Case("approved tool", {"target": "approved tool"}, component="stageflow.tools.AdvancedToolExecutor.execute"),
    Case("waiting duplicate", {"target": "duplicate"}, component="stageflow.pipeline.idempotency.IdempotencyInterceptor.before"),
    Case(
        "stage with an idempotency key",
        {"target": "intercepted"},
        title="A stage that is cancelled keeps its idempotency key locked: the next request with the key hangs",
        component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
        cause="stageflow.pipeline.idempotency:IdempotencyInterceptor.before #lock-on-abort",
    ),
    Case("child run", {"target": "child"}, component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn"),
    Case("cascade", {"target": "cascade"}, component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children"),
    Case("sink writer", {"target": "sink"}, component="stageflow.events.BackpressureAwareEventSink.emit"),
)


async def limiter_scene(cut, limiter):
    """Three users of two places; the cut one gives its place back in a finally block, as users do."""

    async def use():
        if await limiter.acquire():
            try:
                await asyncio.sleep(1)
            finally:
                limiter.release()

    users = [asyncio.ensure_future(use()), asyncio.ensure_future(use()), cut.watch(use()), asyncio.ensure_future(use())]
    await ended(*users, what="every user of the limiter")
    again = [asyncio.ensure_future(use()) for _ in range(2)]
    await ended(*again, what="the next user of the limiter")
    counts = limiter.get_metrics()
    expect_equal([counts["active_count"], counts["queued_count"]], [0, 0], "users inside and waiting when all have left")


async def limiter(cut):
    module = "stageflow.pipeline.failure_tolerance"
    await limiter_scene(cut, need(f"{module}:BackpressureMonitor")(need(f"{module}:BackpressureConfig")(max_active_stages=2)))


async def decision_scene(cut, ask, wait, decide):
    """A caller who waits for a decision goes away; others still get that decision, and further requests work."""
    request = await ask()
    waiters = [cut.watch(wait(request, 50.0)), asyncio.ensure_future(wait(request, 50.0))]
    await asyncio.sleep(1)
    await decide(request, True)
    await ended(*waiters, what="whoever waits for a decision")
    expect_equal(waiters[1].result(), True, "the decision for the caller who stayed")
    second = await ask()
    later = asyncio.ensure_future(wait(second, 50.0))
    await asyncio.sleep(1)
    await decide(second, False)
    expect_equal(await result_of(later, "the next request"), False, "the decision on the next request")


async def approval(cut):
    service = need("stageflow.tools:ApprovalService")()

    async def ask():
        return (await service.request_approval(uuid.uuid4(), "tool")).id

    async def wait(request, seconds):
        return (await service.await_decision(request, timeout_seconds=seconds)).granted

    async def decide(request, granted):
        await service.record_decision(request, granted=granted)

    await decision_scene(cut, ask, wait, decide)


async def approved_tool(cut):
    """The same through the executor: a call that waits for approval goes away, the next call of the tool works."""
    service, ran = need("stageflow.tools:ApprovalService")(), []
    executor = need("stageflow.tools:AdvancedToolExecutor")(approval_service=service, undo_store=need("stageflow.tools:UndoStore")())

    async def handler(given):
        await asyncio.sleep(1)
        ran.append(given.payload["n"])
        return need("stageflow.tools:ToolOutput").ok(data={})

    executor.register(need("stageflow.tools:ToolDefinition")(name="pay", action_type="pay", handler=handler, requires_approval=True))

    async def approve_all():
        for _ in range(10):
            await asyncio.sleep(1)
            for request in await service.get_pending_requests():
                await service.record_decision(request.id, granted=True)

    approver = asyncio.ensure_future(approve_all())
    await ended(cut.watch(executor.execute(Action("pay", {"n": 1}), pipeline_context())), what="the cancelled call")
    await result_of(executor.execute(Action("pay", {"n": 2}), pipeline_context()), "the next call of the tool")
    await ended(approver)
    expect_equal(ran.count(2), 1, "runs of the tool for the next call")


async def duplicate_scene(cut, run, runs):
    """Three requests with one key; the cut one waits for the first, the third comes later."""
    first = asyncio.ensure_future(run("first"))
    await asyncio.sleep(0.5)
    waiting = [cut.watch(run("cut")), asyncio.ensure_future(run("third"))]
    await ended(first, *waiting, what="every request with the key")
    await ended(asyncio.ensure_future(run("fourth")), what="the next request with the key")
    expect_equal(runs, ["first"], "requests with one key that were executed")


async def duplicate(cut):
    runs = []

    async def charge(ctx):
        runs.append(ctx.snapshot.input_text)
        await asyncio.sleep(2)
        return {"receipt": 1}

    built = graph(pipeline(("charge", charge, (), "work")), [need("stageflow.pipeline.idempotency:IdempotencyInterceptor")()])
    await duplicate_scene(cut, lambda who: built.run(context(input_text=who, data={"idempotency_key": "order"})), runs)


async def intercepted(cut):
    """A stage is cancelled inside its interceptors; the next request with the same key goes on."""
    kinds = ("TimeoutInterceptor", "CircuitBreakerInterceptor", "TracingInterceptor", "MetricsInterceptor", "LoggingInterceptor")
    stack = [need(f"stageflow.pipeline.interceptors:{kind}")() for kind in kinds]
    stack.append(need("stageflow.pipeline.idempotency:IdempotencyInterceptor")())
    run, result = need("stageflow.pipeline.interceptors:run_with_interceptors"), need("stageflow.stages:StageResult")

    async def charge():
        await asyncio.sleep(1)
        now = datetime.now(UTC)
        return result(name="charge", status="completed", started_at=now, ended_at=now, data={"receipt": 1})

    async def request():
        return await run("charge", charge, context(data={"idempotency_key": "order"}), stack)

    await ended(cut.watch(request()), what="the cancelled request")
    await ended(asyncio.ensure_future(request()), what="the next request with the key")


async def child(cut):
    """A spawn is cancelled while its child runs: the tracker forgets it."""
    module = "stageflow.pipeline.subpipeline"
    need("stageflow.events:set_event_sink")(RecordingSink())
    tracker, parent = need(f"{module}:ChildRunTracker")(), pipeline_context()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)

    async def child(ctx):
        await asyncio.sleep(1)
        return {}

    await ended(cut.watch(spawner.spawn("child", parent, uuid.uuid4(), "stage", child)), what="the cancelled spawn")
    left = len(await tracker.get_children(parent.pipeline_run_id))
    metrics = await tracker.get_metrics()
    expect_equal([left, metrics["active_children"]], [0, 0], "children that are registered when none is running")
    again = await result_of(spawner.spawn("child", parent, uuid.uuid4(), "stage", child), "the next spawn")
    expect_equal(again.success, True, "success of the next spawn")


class SlowSink(RecordingSink):
    """Takes a second for each event."""

    async def emit(self, *, type, data):
        await asyncio.sleep(1)
        await super().emit(type=type, data=data)


async def cascade(cut):
    """Cancelling a tree of runs is cut; a second call still cancels what is left, and spawning works."""
    module = "stageflow.pipeline.subpipeline"
    need("stageflow.events:set_event_sink")(SlowSink())
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)
    root, children = pipeline_context(), [pipeline_context(), pipeline_context()]
    for one in children:
        await tracker.register_child(root.pipeline_run_id, one.pipeline_run_id)
    contexts = {one.pipeline_run_id: one for one in (root, *children)}
    await ended(cut.watch(spawner.cancel_with_children(root.pipeline_run_id, contexts=contexts)), what="the cancelled cascade")
    await result_of(spawner.cancel_with_children(root.pipeline_run_id, contexts=contexts), "the second cascade")
    expect_equal([one.is_canceled for one in contexts.values()], [True] * 3, "runs marked as cancelled after the second cascade")


async def sink(cut):
    """A writer that waits for room goes away; the sink goes on and can be stopped."""
    downstream = SlowSink()
    made = need("stageflow.events:BackpressureAwareEventSink")(downstream, max_queue_size=1)

    async def write(count):
        for n in range(count):
            await made.emit(type="event", data={"n": n})

    await ended(cut.watch(write(4)), what="the cancelled writer")
    await result_of(write(3), "the next writer")
    await asyncio.sleep(10)
    await result_of(made.stop(), "stop()")
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    expect_equal(len(left), 0, "tasks left when the sink has been stopped")


SCENES = {
    "limiter": limiter,
    "approval": approval,
    "approved tool": approved_tool,
    "duplicate": duplicate,
    "child": child,
    "cascade": cascade,
    "sink": sink,
    "intercepted": intercepted,
}


async def plain_limiter(cut):
    await limiter_scene(cut, PlainLimiter(2))


async def plain_decision(cut):
    decisions = PlainDecisions()
    await decision_scene(cut, decisions.ask, decisions.wait, decisions.decide)


async def plain_duplicate(cut):
    runs = []

    async def work(who):
        runs.append(who)
        await asyncio.sleep(2)
        return who

    once = PlainOnce(work)
    await duplicate_scene(cut, lambda who: once.run("order", who), runs)


PLAIN = {
    "approval": plain_decision,
    "approved tool": plain_decision,
    "duplicate": plain_duplicate,
}


def scenario(params):
    cut_everywhere(SCENES[params["target"]])


def control(params):
    cut_everywhere(PLAIN.get(params["target"], plain_limiter))
