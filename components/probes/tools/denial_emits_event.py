"""A denied approval emits tool.denied."""

import asyncio

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool whose approval is denied emits no tool.denied event",
    claim="tool.denied is emitted when a tool is refused, by its behaviours or by a denied approval.",
    source="docstring:stageflow.tools.events",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Refused actions have no end in the audit trail: invoked, then nothing.",
    recommendation="Emit tool.denied with reason user_denied before raising ToolApprovalDeniedError.",
    workaround="Count approval.decided events with decision=denied.",
    virtual_time=True,
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor.execute #denied-event",
)

CASES = (Case("denied by a human", {"how": "deny"}),)


async def denied_events(how):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={})

    sink, service = RecordingSink(), need("stageflow.tools:ApprovalService")()
    need("stageflow.events:set_event_sink")(sink)
    config = need("stageflow.tools:ToolExecutorConfig")(approval_timeout_seconds=5)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, approval_service=service)
    executor.register(need("stageflow.tools:ToolDefinition")(name="wipe", action_type="wipe", handler=handler, requires_approval=True))
    running = asyncio.ensure_future(outcome(executor.execute(Action("wipe"), pipeline_context())))
    await asyncio.sleep(1)
    for request in await service.get_pending_requests() if how == "deny" else ():
        await service.record_decision(request.id, granted=False)
    await running
    expect_equal(len(sink.of("tool.denied")), 1, "tool.denied events of a refused tool")


async def scenario(params):
    await denied_events(params["how"])


async def control(params):
    await denied_events("nobody answers")
