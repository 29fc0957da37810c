"""Each tool execution emits its documented events in order, with its ids."""

import asyncio

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Tool lifecycle events are missing, doubled or out of order",
    claim=(
        "An execution emits tool.invoked, tool.started and tool.completed; tool.failed after an error; tool.denied without "
        "tool.started when refused."
    ),
    source="docs/guides/tools.md#tool-events",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Audit trails of what an agent did have holes.",
    recommendation="Emit one event per step with the action's ids.",
    virtual_time=True,
)

OK = ["tool.invoked", "tool.started", "tool.completed"]
CASES = (
    Case("success", {"how": "ok", "events": OK}),
    Case("exception", {"how": "raise", "events": ["tool.invoked", "tool.started", "tool.failed"]}),
    Case("denied by mode", {"how": "gated", "events": ["tool.invoked", "tool.denied"]}),
    Case(
        "approved",
        {"how": "approve", "events": ["tool.invoked", "approval.requested", "approval.decided", "tool.started", "tool.completed"]},
    ),
    Case("approval timed out", {"how": "expire", "events": ["tool.invoked", "approval.requested", "tool.denied"]}),
    Case("undone", {"how": "undo", "events": [*OK, "tool.undone"]}),
    Case("undo failed", {"how": "undo fails", "events": [*OK, "tool.undo_failed"]}),
    Case("events switched off", {"how": "off", "events": []}),
)


def executor_for(how, service):
    async def handler(given):
        if how == "raise":
            raise OSError("no")
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        if how == "undo fails":
            raise OSError("no")

    config = need("stageflow.tools:ToolExecutorConfig")(emit_events=how != "off", approval_timeout_seconds=5)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, approval_service=service)
    executor.register(
        need("stageflow.tools:ToolDefinition")(
            name="edit",
            action_type="edit",
            handler=handler,
            undoable=True,
            undo_handler=undo,
            allowed_behaviors=("admin",) if how == "gated" else (),
            requires_approval=how in ("approve", "expire"),
        )
    )
    return executor


async def scenario(params):
    sink, service = RecordingSink(), need("stageflow.tools:ApprovalService")()
    need("stageflow.events:set_event_sink")(sink)
    executor, action, ctx = executor_for(params["how"], service), Action("edit"), pipeline_context()
    running = asyncio.ensure_future(outcome(executor.execute(action, ctx)))
    await asyncio.sleep(1)
    for request in await service.get_pending_requests() if params["how"] == "approve" else ():
        await service.record_decision(request.id, granted=True)
    await running
    if params["how"].startswith("undo"):
        await outcome(executor.undo_action(action.id, ctx))
    seen = [
        kind for kind, data in sink.events if data["action_id"] == str(action.id) and data["pipeline_run_id"] == str(ctx.pipeline_run_id)
    ]
    expect_equal(seen, list(params["events"]), "events of the action and run, in order")


async def control(params):
    sink = RecordingSink()
    for name in params["events"]:
        await sink.emit(type=name, data={})
    expect_equal([kind for kind, _ in sink.events], list(params["events"]), "events in order")
