"""An approval request that is handed over as an object is known under its own id."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="ApprovalService.request() throws away the id of the request it is given",
    claim="A request passed as an ApprovalRequest, whose id is its unique identifier, can be looked up by that id.",
    source="docstring:stageflow.tools.ApprovalRequest",
    component="stageflow.tools.ApprovalService.request",
    subsystem="tools",
    category="silent_failures",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The caller's own request has no status for ever; awaiting or deciding it raises KeyError.",
    recommendation="Store the request object itself instead of a new one made from some of its fields.",
    workaround="Use the id of the request that is returned.",
    cause="stageflow.tools.approval:ApprovalService.request",
)

CASES = (Case("status by its id", {}),)


async def status(own):
    kept = need("stageflow.tools:ApprovalService.request")
    service = need("stageflow.tools:ApprovalService")()
    mine = need("stageflow.tools:ApprovalRequest")(id=uuid.UUID(int=1), action_id=uuid.UUID(int=2), tool_name="wipe")
    returned = await kept(service, mine)
    found = await need("stageflow.tools:ApprovalService.get_status")(service, mine.id if own else returned.id)
    expect_equal(getattr(found, "value", None), "pending", "status of the request by its id")


async def scenario(params):
    await status(True)


async def control(params):
    await status(False)
