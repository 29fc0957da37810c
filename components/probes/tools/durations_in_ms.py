"""Durations of tool events are the milliseconds that the handler took."""

import asyncio

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="duration_ms of a tool event is not the handler's time in milliseconds",
    claim="tool.completed, tool.failed and tool.undone tell how many milliseconds the handler ran, without the wait for approval.",
    source="docs/guides/tools.md#tool-events",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Slow tools are not noticed, or the human's time is booked on the tool.",
    recommendation="Take the clock right before and after the handler and multiply the difference by 1000.",
    virtual_time=True,
)

CASES = (
    Case("completed", {"event": "tool.completed", "how": "ok"}),
    Case("completed after approval", {"event": "tool.completed", "how": "approve"}),
    Case("failed", {"event": "tool.failed", "how": "raise"}),
    Case("undone", {"event": "tool.undone", "how": "undo"}),
)
SECONDS = {"handler": 2.5, "human": 30.0, "undo": 1.25}


async def scenario(params):
    async def handler(given):
        await asyncio.sleep(SECONDS["handler"])
        if params["how"] == "raise":
            raise OSError("no")
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        await asyncio.sleep(SECONDS["undo"])

    sink, service = RecordingSink(), need("stageflow.tools:ApprovalService")()
    need("stageflow.events:set_event_sink")(sink)
    executor, asked = need("stageflow.tools:AdvancedToolExecutor")(approval_service=service), params["how"] == "approve"
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(
        definition(name="edit", action_type="edit", handler=handler, undoable=True, undo_handler=undo, requires_approval=asked)
    )
    action, ctx = Action("edit"), pipeline_context()
    running = asyncio.ensure_future(outcome(executor.execute(action, ctx)))
    await asyncio.sleep(SECONDS["human"] if asked else 0)
    for request in await service.get_pending_requests():
        await service.record_decision(request.id, granted=True)
    await running
    if params["how"] == "undo":
        await outcome(executor.undo_action(action.id, ctx))
    seen = [round(float(data.get("duration_ms", -1)), 3) for data in sink.of(params["event"])]
    expect_equal(seen, [1000 * SECONDS["undo" if params["how"] == "undo" else "handler"]], f"duration_ms of {params['event']}")


async def control(params):
    clock = asyncio.get_running_loop()
    begun = clock.time()
    await asyncio.sleep(SECONDS["handler"])
    expect_equal(round((clock.time() - begun) * 1000, 3), 2500.0, "milliseconds by the loop's clock")
