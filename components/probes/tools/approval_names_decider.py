"""The approval.decided event says who decided."""

import asyncio

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="approval.decided events never say who decided",
    claim="ApprovalDecidedEvent.decided_by is the user that record_decision() was given.",
    source="docstring:stageflow.tools.ApprovalService.record_decision",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The audit trail of risky actions has no name on it.",
    recommendation="Pass decision.decided_by to ApprovalDecidedEvent.",
    workaround="Look the request up in the approval service before it is cleaned up.",
    virtual_time=True,
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor._emit_approval_decided",
)

CASES = (Case("granted", {"granted": True}), Case("denied", {"granted": False}))


async def scenario(params):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={})

    sink, service, boss = RecordingSink(), need("stageflow.tools:ApprovalService")(), Action("boss").id
    need("stageflow.events:set_event_sink")(sink)
    executor = need("stageflow.tools:AdvancedToolExecutor")(approval_service=service)
    executor.register(need("stageflow.tools:ToolDefinition")(name="wipe", action_type="wipe", handler=handler, requires_approval=True))
    running = asyncio.ensure_future(outcome(executor.execute(Action("wipe"), pipeline_context())))
    await asyncio.sleep(1)
    for request in await service.get_pending_requests():
        await service.record_decision(request.id, granted=params["granted"], decided_by=boss)
    await running
    named = [event.get("decided_by") == str(boss) for event in sink.of("approval.decided")]
    expect_equal(named, [True], "approval.decided events, and whether each names the user")


async def control(params):
    boss, event = Action("boss").id, need("stageflow.tools.events:ApprovalDecidedEvent")
    made = event(request_id=boss, tool_name="wipe", action_id=boss, decision="approved", decided_by=boss).to_dict()
    expect_equal([made["decided_by"] == str(boss)], [True], "an event made by hand names the user")
