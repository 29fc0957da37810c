"""An approval request that was cancelled or has expired cannot be granted any more."""

import asyncio

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A cancelled or expired approval request can still be granted",
    claim="A request that is no longer pending keeps its status: a late grant is refused and await_decision() does not answer granted.",
    source="invariant:a closed request stays closed",
    component="stageflow.tools.ApprovalService.record_decision",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A late click turns a withdrawn or expired request into an approved one: its record is wrong, and who awaits it gets a grant.",
    recommendation="Let record_decision() refuse requests whose status is not PENDING.",
    workaround="Check get_request(id).status before recording a decision.",
    virtual_time=True,
    cause="stageflow.tools.approval:ApprovalService.record_decision",
)

CASES = (Case("cancelled", {"closed_by": "cancel"}), Case("expired", {"closed_by": "expiry"}))


async def status_after(closed_by):
    service = need("stageflow.tools:ApprovalService")()
    request = await service.request_approval(action_id=Action("wipe").id, tool_name="wipe")
    if closed_by == "cancel":
        await service.cancel_request(request.id)
    elif closed_by == "expiry":
        await outcome(service.await_decision(request.id, timeout_seconds=1))
    if closed_by != "nobody decides":
        await outcome(service.record_decision(request.id, granted=True))
    decision, _ = await outcome(service.await_decision(request.id, timeout_seconds=1))
    expect_equal(bool(decision and decision.granted), False, "whether a closed request counts as granted")


async def scenario(params):
    await status_after(params["closed_by"])


async def control(params):
    await asyncio.sleep(0)
    await status_after("nobody decides")
