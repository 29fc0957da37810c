"""The error for a denied approval says which request was denied and why."""

import asyncio

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="ToolApprovalDeniedError carries neither the request id nor the reason of the denial",
    claim="ToolApprovalDeniedError.request_id is the approval request's id and .reason the reason of the denial.",
    source="docstring:stageflow.tools.ToolApprovalDeniedError",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Denials cannot be matched with the request a human answered, and every denial looks like user_denied.",
    recommendation="Raise the error where the decision is known and pass request.id and decision.reason on.",
    workaround="Subscribe to approval.decided events.",
    virtual_time=True,
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor.execute #denied-error",
)

CASES = (Case("request id", {"what": "request_id"}), Case("reason", {"what": "reason"}))


async def scenario(params):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={})

    service, asked = need("stageflow.tools:ApprovalService")(), []

    async def human():
        await asyncio.sleep(1)
        for request in await service.get_pending_requests():
            asked.append(request.id)
            await service.record_decision(request.id, granted=False, reason="not on a Friday")

    executor = need("stageflow.tools:AdvancedToolExecutor")(approval_service=service)
    executor.register(need("stageflow.tools:ToolDefinition")(name="wipe", action_type="wipe", handler=handler, requires_approval=True))
    waiting = asyncio.ensure_future(human())
    _, error = await outcome(executor.execute(Action("wipe"), pipeline_context()))
    await waiting
    want = asked[0] if params["what"] == "request_id" else "not on a Friday"
    right = "the request's own" if getattr(error, params["what"]) == want else "something else"
    expect_equal(right, "the request's own", f"{params['what']} of the error")


async def control(params):
    action = Action("wipe")
    error = need("stageflow.tools:ToolApprovalDeniedError")(tool="wipe", request_id=action.id, reason="not on a Friday")
    want = action.id if params["what"] == "request_id" else "not on a Friday"
    right = "the request's own" if getattr(error, params["what"]) == want else "something else"
    expect_equal(right, "the request's own", f"{params['what']} of the error")
