"""What an approval is asked for and how it was decided is kept as given."""

import asyncio
import uuid
from datetime import datetime

from components.lab.crashes import no_crash
from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="An approval request or decision loses what it was made from",
    claim="Request and decision keep every value given, their times lie between call and return, and unset fields are empty.",
    source="docstring:stageflow.tools.ApprovalService.request_approval",
    component="stageflow.tools.ApprovalService.request_approval",
    subsystem="tools",
    category="security",
    type="security",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The human decides about another action than the one that will run, or nobody can tell who decided.",
    recommendation="Copy every argument to the field of its name.",
    virtual_time=True,
)

GIVEN = {
    "action_id": uuid.UUID(int=1),
    "tool_name": "wipe",
    "pipeline_run_id": uuid.UUID(int=2),
    "approval_message": "Really?",
    "payload_summary": {"path": "/tmp"},
}
PENDING = {"status": "pending", "decided_by": None, "decided_at": None}
DECISION = "stageflow.tools.ApprovalService.record_decision"
CASES = (
    Case("asked with everything", {"what": "asked", "names": list(GIVEN)}),
    Case("asked with the least", {"what": "asked", "names": ["action_id", "tool_name"]}),
    Case("asked with a request", {"what": "alias", "names": list(GIVEN)}, component="stageflow.tools.ApprovalService.request"),
    Case("granted by somebody", {"what": "decided", "granted": True, "by": True, "reason": "fine"}, component=DECISION),
    Case("denied by somebody", {"what": "decided", "granted": False, "by": True, "reason": "no"}, component=DECISION),
    Case("denied by nobody", {"what": "decided", "granted": False, "by": False, "reason": None}, component=DECISION),
    Case("cancelled", {"what": "cancelled"}, component="stageflow.tools.ApprovalService.cancel_request"),
    Case("two waiters", {"what": "waiters"}, component="stageflow.tools.ApprovalService.await_decision"),
    Case("cleaned up under a waiter", {"what": "cleaned"}, component="stageflow.tools.ApprovalService.await_decision"),
    Case("asked again for an action", {"what": "again"}, component="stageflow.tools.ApprovalService.get_status"),
    Case("nothing kept after cleaning up", {"what": "kept"}, component="stageflow.tools.ApprovalService.cleanup"),
    Case("granted when the time is up", {"what": "late"}, component="stageflow.tools.ApprovalService.await_decision"),
    Case("by the executor", {"what": "executor", "message": "Really?"}, component="stageflow.tools.ToolDefinition.approval_message"),
    Case("by the executor, no message", {"what": "executor", "message": None}, component="stageflow.tools.ToolDefinition.approval_message"),
)


def fields(record, names):
    values = {name: getattr(record, name, "missing") for name in names}
    return {name: getattr(value, "value", value) for name, value in values.items()}


def now_ish(text, begun):
    moment = datetime.fromisoformat(text)
    return moment.tzinfo is not None and begun <= moment <= datetime.now(moment.tzinfo)


async def asked(service, params):
    begun, given = datetime.now().astimezone(), {name: GIVEN[name] for name in params["names"]}
    if params["what"] == "alias":
        record = need("stageflow.tools:ApprovalRequest")(id=uuid.UUID(int=9), **given)
        made = await need("stageflow.tools:ApprovalService.request")(service, record)
    else:
        made = await service.request_approval(**given)
    empty = {"pipeline_run_id": None, "approval_message": "", "payload_summary": {}}
    want = empty | given | PENDING
    other = await service.request_approval(**given)
    seen = fields(made, want)
    wrong = sorted(name for name, value in want.items() if seen[name] != value)
    wrong += [] if isinstance(made.id, uuid.UUID) and made.id != other.id else ["id"]
    wrong += [] if now_ish(made.created_at, begun) else ["created_at"]
    expect_equal(wrong, [], "wrong fields of the request")


async def decided(service, params):
    begun, request = datetime.now().astimezone(), await service.request_approval(uuid.uuid4(), "wipe")
    want = {"request_id": request.id, "granted": params["granted"], "decided_by": uuid.UUID(int=5) if params["by"] else None}
    want["reason"] = params["reason"]
    given = {name: value for name, value in want.items() if value is not None}
    recorded = await service.record_decision(**given)
    waited, kept = await service.await_decision(request.id), await service.get_request(request.id)
    wrong = {name for name in want for found in (recorded, waited) if getattr(found, name, "missing") != want[name]}
    timely = bool(kept.decided_at) and now_ish(kept.decided_at, begun)
    if wrong or kept.decided_by != want["decided_by"] or not timely:
        raise Violation("decision and request as given, decided now", f"wrong: {', '.join(sorted(wrong)) or 'the request'}")


async def cancelled(service, params):
    request = await service.request_approval(uuid.uuid4(), "wipe")
    waiting = asyncio.ensure_future(outcome(service.await_decision(request.id, timeout_seconds=60.0)))
    await asyncio.sleep(1)
    done = await service.cancel_request(request.id)
    decision, error = await waiting
    seen = type(error).__name__ if error else [decision.granted, decision.reason, decision.request_id == request.id]
    expect_equal([done, seen], [True, [False, "cancelled", True]], "answer, decision: granted, reason, of this request")


async def waiters(service, params):
    first, second = [await service.request_approval(uuid.uuid4(), "wipe") for _ in range(2)]
    waits = [asyncio.ensure_future(outcome(service.await_decision(each.id))) for each in (first, first, second)]
    await asyncio.sleep(1)
    await service.record_decision(first.id, granted=True)
    await service.record_decision(second.id, granted=False)
    found = [
        decision and [decision.request_id == each.id, decision.granted]
        for each, (decision, _) in zip((first, first, second), [await wait for wait in waits], strict=True)
    ]
    expect_equal(found, [[True, True], [True, True], [True, False]], "decisions: of this request, granted")


async def cleaned(service, params):
    request = await service.request_approval(uuid.uuid4(), "wipe")
    waiting = asyncio.ensure_future(outcome(service.await_decision(request.id, timeout_seconds=60.0)))
    await asyncio.sleep(1)
    await service.record_decision(request.id, granted=False)
    await service.cleanup(request.id)
    decision, error = await waiting
    seen = type(error).__name__ if error else [decision.request_id == request.id, decision.granted]
    expect_equal(seen, [True, False], "decision: of this request, granted")


async def again(service, params):
    action, seen = uuid.uuid4(), []
    for granted in (False, True):
        request = await service.request_approval(action, "wipe")
        seen.append((await service.get_status(action)).value)
        await service.record_decision(request.id, granted=granted)
        seen.append((await service.get_status(action)).value)
    expect_equal(seen, ["pending", "denied", "pending", "approved"], "status by action: that of its latest request")


async def kept(service, params):
    for granted in (True, False, None):
        request = await service.request_approval(uuid.uuid4(), "wipe")
        await (service.cancel_request(request.id) if granted is None else service.record_decision(request.id, granted=granted))
        await service.cleanup(request.id)
    sizes = [len(held) for held in vars(service).values() if isinstance(held, dict | list | set)]
    expect_equal(sum(sizes), 0, "entries in the service's collections after every request was cleaned up")


async def late(service, params):
    request = await service.request_approval(uuid.uuid4(), "wipe")
    waiting = asyncio.ensure_future(outcome(service.await_decision(request.id, timeout_seconds=5.0)))
    await asyncio.sleep(0)
    await asyncio.sleep(5.0)
    decision, _ = await outcome(service.record_decision(request.id, granted=True))
    await waiting
    kept = await service.get_request(request.id)
    expect_equal(kept.status.value, "approved" if decision else "expired", "status of a request whose decision was taken, or refused")


async def by_executor(service, params):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok()

    executor = need("stageflow.tools:AdvancedToolExecutor")(approval_service=service)
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(
        definition(name="wipe", action_type="WIPE", handler=handler, requires_approval=True, approval_message=params["message"])
    )
    action, ctx = Action("WIPE", {"path": "/tmp"}), pipeline_context()
    running = asyncio.ensure_future(outcome(executor.execute(action, ctx)))
    await asyncio.sleep(1)
    requests = await service.get_pending_requests(ctx.pipeline_run_id)
    request = requests[0] if len(requests) == 1 else None
    running.cancel()
    seen = [request and getattr(request, name) for name in ("action_id", "tool_name", "payload_summary")]
    named = bool(request) and (request.approval_message == params["message"] if params["message"] else "wipe" in request.approval_message)
    expect_equal([seen, named], [[action.id, "wipe", {"path": "/tmp"}], True], "action, tool, payload; message as set or naming the tool")


async def scenario(params):
    with no_crash("the service works"):
        await checked(params)


async def checked(params):
    plays = {
        "asked": asked,
        "alias": asked,
        "decided": decided,
        "cancelled": cancelled,
        "waiters": waiters,
        "cleaned": cleaned,
        "late": late,
        "again": again,
        "kept": kept,
    }
    plays["executor"] = by_executor
    await plays[params["what"]](need("stageflow.tools:ApprovalService")(), params)


def control(params):
    given = {name: GIVEN[name] for name in params.get("names", ())}
    record = type("Plain", (), given | PENDING)()
    expect_equal(fields(record, given | PENDING), given | PENDING, "fields of a plain record")
