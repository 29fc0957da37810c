"""A time limit cuts off what takes longer, at its time, and nothing that is ready before, wherever in the work it falls."""

import asyncio
import uuid

from components.lab.flow import context, graph, outcome, pipeline, pipeline_context
from components.lab.interleave_kit import Schedule, deadlines
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A time limit fires at another time than the one that was set, or leaves the timed out work running",
    claim="Work that is ready before its time limit is not disturbed; longer work is ended exactly then, and nothing of it goes on.",
    source="invariant:time-out",
    component="stageflow.pipeline.interceptors.TimeoutInterceptor",
    subsystem="interceptors",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Requests are given up too early, too late or never, or are charged after the caller was told that they had failed.",
    recommendation="Pass the limit in seconds to asyncio.wait_for around the work, and around nothing else.",
    seconds=30.0,
)

CASES = (
    Case("stage", {"target": "stage"}),
    Case("approval", {"target": "approval"}, component="stageflow.tools.ApprovalService.await_decision"),
    Case("default approval", {"target": "default approval"}, component="stageflow.tools.ApprovalService"),
    Case("approved tool", {"target": "tool"}, component="stageflow.tools.ToolExecutorConfig.approval_timeout_seconds"),
    Case("cleanups", {"target": "cleanups"}, component="stageflow.pipeline.cancellation.CleanupRegistry.run_all"),
    Case("run_with_cleanup", {"target": "run_with_cleanup"}, component="stageflow.pipeline.cancellation.run_with_cleanup"),
    Case("task group", {"target": "group"}, component="stageflow.pipeline.cancellation.StructuredTaskGroup"),
    Case("sink stop", {"target": "stop"}, component="stageflow.events.BackpressureAwareEventSink.stop.timeout"),
)
WORK = (0.25, 1.0, 0.5)
"""Seconds of the pieces the work is made of."""


async def work(done):
    for seconds in WORK:
        await asyncio.sleep(seconds)
    done.append("done")


async def limit_stage(limit, done):
    async def stage(ctx):
        await work(done)

    built = graph(pipeline(("stage", stage)), [need("stageflow:TimeoutInterceptor")()])
    _, error = await outcome(built.run(context(data={"_timeout_ms": round(limit * 1000)})))
    return error is None


async def decide_later(service, request, done):
    await work(done)
    await service.record_decision(request.id, granted=True)


async def decided_in_time(service, **given):
    request = await service.request_approval(uuid.uuid4(), "tool")
    decider = asyncio.ensure_future(decide_later(service, request, []))
    decision, error = await outcome(service.await_decision(request.id, **given))
    decider.cancel()
    return error is None and decision.granted


async def limit_approval(limit, done):
    return await decided_in_time(need("stageflow.tools:ApprovalService")(), timeout_seconds=limit)


async def limit_default_approval(limit, done):
    return await decided_in_time(need("stageflow.tools:ApprovalService")(default_timeout_seconds=limit))


async def limit_tool(limit, done):
    service = need("stageflow.tools:ApprovalService")()
    config = need("stageflow.tools:ToolExecutorConfig")(approval_timeout_seconds=limit)
    executor = need("stageflow.tools:AdvancedToolExecutor")(
        config, undo_store=need("stageflow.tools:UndoStore")(), approval_service=service
    )

    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={})

    executor.register(need("stageflow.tools:ToolDefinition")(name="pay", action_type="pay", handler=handler, requires_approval=True))

    async def decide():
        await asyncio.sleep(0)
        (request,) = await service.get_pending_requests()
        await decide_later(service, request, [])

    decider = asyncio.ensure_future(decide())
    _, error = await outcome(executor.execute(Action("pay"), pipeline_context()))
    decider.cancel()
    return error is None


async def limit_cleanups(limit, done):
    registry = need("stageflow.pipeline.cancellation:CleanupRegistry")()

    async def clean():
        await work(done)

    registry.register(clean)
    completed, failed = await registry.run_all(timeout=limit)
    if len(completed) + len(failed) != 1:
        raise Violation("one cleanup reported as completed or failed", f"{len(completed)} completed, {len(failed)} failed")
    return len(completed) == 1


async def limit_run_with_cleanup(limit, done):
    async def nothing():
        return "result"

    async def clean():
        await work(done)

    result = await need("stageflow.pipeline.cancellation:run_with_cleanup")(nothing(), clean, cleanup_timeout=limit)
    expect_equal(result, "result", "what run_with_cleanup returns")
    return bool(done)


async def limit_group(limit, done):
    async def clean():
        await work(done)

    async with need("stageflow.pipeline.cancellation:StructuredTaskGroup")(cleanup_timeout=limit) as group:
        group.cleanup_registry.register(clean)
    return bool(done)


async def limit_stop(limit, done):
    """Three events wait when the sink is stopped, one for each piece of the work."""
    arrived = []

    class Downstream:
        async def emit(self, *, type, data):
            await asyncio.sleep(data["seconds"])
            arrived.append(data["seconds"])

    sink = need("stageflow.events:BackpressureAwareEventSink")(Downstream())
    await sink.start()
    for seconds in WORK:
        sink.try_emit(type="event", data={"seconds": seconds})
    await sink.stop(timeout=limit)
    return arrived == list(WORK)


LIMITS = {
    "stage": limit_stage,
    "approval": limit_approval,
    "default approval": limit_default_approval,
    "tool": limit_tool,
    "cleanups": limit_cleanups,
    "run_with_cleanup": limit_run_with_cleanup,
    "group": limit_group,
    "stop": limit_stop,
}


async def plain_limit(limit, done):
    _, error = await outcome(asyncio.wait_for(work(done), limit))
    return error is None


def exact(attempt):
    """Set the limit just before, at and just after each moment at which anything happens in the undisturbed work."""
    total = sum(WORK)

    async def scene(limit):
        done, began = [], asyncio.get_running_loop().time()
        in_time = await attempt(limit, done)
        seconds = round(asyncio.get_running_loop().time() - began, 4)
        return [in_time, seconds, done]

    moments = Schedule().play(lambda schedule: scene(1000.0)).moments
    for limit in deadlines(tuple(moment for moment in moments if 0 < moment <= 2 * total)):
        run = Schedule().play(lambda schedule, limit=limit: scene(limit))
        in_time, seconds, done = run.result
        if limit != total:
            wanted = [True, total] if limit > total else [False, limit]
            expect_equal([in_time, seconds], wanted, f"[in time, seconds] of {total} s of work with a limit of {limit} s")
        expect_equal(run.left, [], f"tasks left of {total} s of work with a limit of {limit} s")
        if limit < total:
            expect_equal(done, [], f"ends of {total} s of work with a limit of {limit} s")


def scenario(params):
    exact(LIMITS[params["target"]])


def control(params):
    exact(plain_limit)
