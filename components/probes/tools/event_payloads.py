"""Every tool and approval event says under its documented names what happened, to which action, in which run."""

import asyncio
from datetime import datetime

from components.lab.crashes import no_crash
from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool event lacks a field or says something else than what happened",
    claim="Each event names its tool, action, run and request, carries its own fields, and its time lies within the run.",
    source="docs/guides/tools.md#tool-events",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Dashboards and audit trails that read the documented keys find nothing, or the wrong value.",
    recommendation="Fill every field of the event from the action, the context and the outcome.",
    virtual_time=True,
)

PAYLOAD = {"n": 7, "flag": False, "nothing": None, "short": "x" * 200, "list": [1, 2], "deep": {"k": "v"}}
SUCCESS = {"success": True, "has_data": True, "has_error": False, "has_artifacts": True, "has_undo_metadata": True}
EMPTY = {"success": True, "has_data": False, "has_error": False, "has_artifacts": False, "has_undo_metadata": False}
CASES = (
    Case("invoked", {"how": "ok", "event": "tool.invoked", "fields": {"payload_summary": PAYLOAD, "behavior": "admin"}}),
    Case("started", {"how": "ok", "event": "tool.started", "fields": {}}),
    Case("completed", {"how": "ok", "event": "tool.completed", "fields": {"artifacts_count": 2, "output_summary": SUCCESS}}),
    Case("completed with nothing", {"how": "empty", "event": "tool.completed", "fields": {"artifacts_count": 0, "output_summary": EMPTY}}),
    Case(
        "completed with one artifact",
        {"how": "one", "event": "tool.completed", "fields": {"artifacts_count": 1, "output_summary": SUCCESS}},
    ),
    Case("failed", {"how": "raise", "event": "tool.failed", "fields": {"error_code": "OSError", "error_message": "disk away"}}),
    Case(
        "denied by mode",
        {
            "how": "gated",
            "event": "tool.denied",
            "fields": {"reason": "behavior_not_allowed", "behavior": "admin", "allowed_behaviors": ["debug", "root"]},
        },
    ),
    Case(
        "denied after the time-out",
        {"how": "expire", "event": "tool.denied", "fields": {"reason": "approval_timeout", "behavior": "admin", "allowed_behaviors": []}},
    ),
    Case("undone", {"how": "undo", "event": "tool.undone", "fields": {"original_action_timestamp": "stored"}}),
    Case("undo failed", {"how": "undo fails", "event": "tool.undo_failed", "fields": {"error_message": "disk away", "reason": "OSError"}}),
    Case("approval requested", {"how": "grant", "event": "approval.requested", "fields": {"approval_message": "Really?"}}),
    Case("approval granted", {"how": "grant", "event": "approval.decided", "fields": {"decision": "approved"}}),
    Case("approval denied", {"how": "refuse", "event": "approval.decided", "fields": {"decision": "denied"}}),
)
DURATIONS = ("tool.completed", "tool.failed", "tool.undone")
APPROVAL = ("grant", "refuse", "expire")


def executor_for(how, service):
    async def handler(given):
        if how == "raise":
            raise OSError("disk away")
        output = need("stageflow.tools:ToolOutput")
        return (
            output.ok()
            if how == "empty"
            else output.ok(data={"a": 1}, artifacts=[{}] if how == "one" else [{}, {}], undo_metadata={"before": 1})
        )

    async def undo(metadata):
        if how == "undo fails":
            raise OSError("disk away")

    config = need("stageflow.tools:ToolExecutorConfig")(approval_timeout_seconds=5)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, approval_service=service)
    executor.register(
        need("stageflow.tools:ToolDefinition")(
            name="edit",
            action_type="edit",
            handler=handler,
            undoable=True,
            undo_handler=undo,
            approval_message="Really?",
            allowed_behaviors=("debug", "root") if how == "gated" else (),
            requires_approval=how in APPROVAL,
        )
    )
    return executor


async def played(how, action, ctx):
    """Runs the action; returns the approval requests it made and the time stored for undoing it."""
    service = need("stageflow.tools:ApprovalService")()
    executor = executor_for(how, service)
    running = asyncio.ensure_future(outcome(executor.execute(action, ctx)))
    await asyncio.sleep(1)
    asked = await service.get_pending_requests()
    for request in asked if how in ("grant", "refuse") else ():
        await service.record_decision(request.id, granted=how == "grant")
    await running
    stored = await need("stageflow.tools:get_undo_store")().get(action.id)
    if how.startswith("undo"):
        await outcome(executor.undo_action(action.id, ctx))
    return [str(request.id) for request in asked], stored.created_at if stored else None


def wanted(params, action, ctx, asked, stored):
    approval = params["event"].startswith("approval.")
    fields = {"tool_name": "edit", "action_id": str(action.id), "pipeline_run_id": str(ctx.pipeline_run_id)}
    fields["request_id"] = asked[0] if approval and asked else str(ctx.request_id)
    fields |= {name: stored if value == "stored" else value for name, value in params["fields"].items()}
    return fields | ({"duration_ms": 0} if params["event"] in DURATIONS else {})


def in_the_run(text, begun):
    moment = datetime.fromisoformat(text)
    return moment.tzinfo is not None and begun <= moment <= datetime.now(moment.tzinfo)


async def scenario(params):
    with no_crash("the action is played"):
        await checked(params)


async def checked(params):
    sink, action, ctx = RecordingSink(), Action("edit", dict(PAYLOAD)), pipeline_context(execution_mode="admin")
    need("stageflow.events:set_event_sink")(sink)
    begun = datetime.now().astimezone()
    asked, stored = await played(params["how"], action, ctx)
    found = [data for kind, data in sink.events if kind == params["event"]]
    if len(found) != 1:
        raise Violation(f"one {params['event']} event", f"{len(found)} of {[kind for kind, _ in sink.events]}")
    want = wanted(params, action, ctx, asked, stored)
    wrong = sorted(name for name, value in want.items() if found[0].get(name, "missing") != value)
    wrong += [] if in_the_run(str(found[0].get("timestamp")), begun) else ["timestamp"]
    expect_equal(wrong, [], f"wrong fields of {params['event']}")


async def control(params):
    sink, want = RecordingSink(), dict(params["fields"])
    await sink.emit(type=params["event"], data=want | {"timestamp": datetime.now().astimezone().isoformat()})
    wrong = [name for name, value in want.items() if sink.events[0][1].get(name, "missing") != value]
    expect_equal(wrong, [], f"wrong fields of {params['event']}")
