"""An approval request goes from pending to one end, and every look-up says the same about it."""

import asyncio
import uuid

from components.lab.crashes import no_crash
from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The approval service says something else about a request than what was decided",
    claim=(
        "A request is pending until it is granted, denied, cancelled or timed out; its status, the pending list and the awaited decision "
        "agree; a request that was cleaned up or never made is unknown."
    ),
    source="docstring:stageflow.tools.ApprovalService",
    component="stageflow.tools.ApprovalService",
    subsystem="tools",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Decisions are asked for twice, shown wrongly, or waited for in vain.",
    recommendation="Change status, decision and pending list together, and remove all three on cleanup.",
    virtual_time=True,
)

CASES = (
    Case("pending", {"steps": [["ask", 1]]}),
    Case("granted", {"steps": [["ask", 1], ["grant", 0]]}),
    Case("denied", {"steps": [["ask", 1], ["deny", 0]]}),
    Case("cancelled", {"steps": [["ask", 1], ["cancel", 0]]}),
    Case("timed out", {"steps": [["ask", 1], ["expire", 0]]}),
    Case("granted, then a waiter's time is up", {"steps": [["ask", 1], ["grant", 0], ["expire", 0]]}),
    Case("cancelled twice", {"steps": [["ask", 1], ["cancel", 0], ["cancel", 0]]}),
    Case("cancelled after the decision", {"steps": [["ask", 1], ["grant", 0], ["cancel", 0]]}),
    Case("cleaned up", {"steps": [["ask", 1], ["grant", 0], ["clean", 0]]}),
    Case("cleaned up twice", {"steps": [["ask", 1], ["deny", 0], ["clean", 0], ["clean", 0]]}),
    Case("three requests of two runs", {"steps": [["ask", 1], ["ask", 2], ["ask", 0], ["grant", 1]]}),
    Case("unknown granted", {"steps": [["grant", 0], ["deny", 0]]}),
    Case("unknown awaited", {"steps": [["expire", 0], ["ask", 1]]}),
    Case("unknown cancelled and cleaned up", {"steps": [["cancel", 0], ["clean", 0]]}),
    Case("decided after it was cleaned up", {"steps": [["ask", 1], ["clean", 0], ["grant", 0], ["expire", 0], ["cancel", 0]]}),
    Case("one of two cleaned up", {"steps": [["ask", 1], ["ask", 1], ["grant", 0], ["clean", 0], ["deny", 1]]}),
)
ENDS = {"grant": "approved", "deny": "denied", "cancel": "cancelled", "expire": "expired"}
GRANTED = {"approved": True, "denied": False, "cancelled": False}


async def stepped(service, requests, what, number):
    """One step on the service; what it answers."""
    if what == "ask":
        run = uuid.UUID(int=number) if number else None
        request = await service.request_approval(uuid.UUID(int=100 + len(requests)), f"tool{len(requests)}", pipeline_run_id=run)
        requests.append(request)
        return "asked"
    name = requests[number].id if number < len(requests) else uuid.UUID(int=999)
    if what in ("grant", "deny"):
        decision, error = await outcome(service.record_decision(name, granted=what == "grant"))
        return type(error).__name__ if error else decision.granted
    if what == "cancel":
        return await service.cancel_request(name)
    if what == "clean":
        return await service.cleanup(name)
    decision, error = await outcome(service.await_decision(name, timeout_seconds=5.0))
    return type(error).__name__ if error else decision.granted


def modelled(state, what, number):
    """The same step on a list of [run, status]; a status of None means unknown."""
    if what == "ask":
        state.append([number, "pending"])
        return "asked"
    row = state[number] if number < len(state) else [0, None]
    before = row[1]
    if what == "clean":
        row[1] = None
        return None
    if what == "cancel" and before != "pending":
        return False
    if before is None:
        return "KeyError"
    if what == "expire" and before != "pending":
        return "TimeoutError" if before == "expired" else GRANTED[before]
    row[1] = ENDS[what]
    return {"grant": True, "deny": False, "cancel": True, "expire": "TimeoutError"}[what]


async def looked_up(service, requests):
    """What every look-up says: each request by id and by action, then the pending ones of all runs and of runs 1 and 2."""
    seen = []
    for request in requests:
        kept = await service.get_request(request.id)
        by_id, by_action = await service.get_status(request.id), await service.get_status(request.action_id)
        seen.append([kept and kept.status.value, by_id and by_id.value, by_action and by_action.value])
    for run in (None, uuid.UUID(int=1), uuid.UUID(int=2)):
        seen.append([each.tool_name for each in await service.get_pending_requests(run)])
    return [*seen, await service.get_request(uuid.UUID(int=998)), await service.get_status(uuid.UUID(int=998))]


def model_looked_up(state):
    pending = [(f"tool{place}", run) for place, (run, status) in enumerate(state) if status == "pending"]
    by_run = [[name for name, of in pending if run in (None, of)] for run in (None, 1, 2)]
    return [*([status] * 3 for _, status in state), *by_run, None, None]


def possible(state, what, number):
    """Not a decision on a request that was closed: what that does is another probe's matter."""
    closed = number < len(state) and state[number][1] in ("approved", "denied", "cancelled", "expired")
    return not (what in ("grant", "deny") and closed)


async def scenario(params):
    with no_crash("the service works"):
        await checked(params)


async def checked(params):
    service, requests, state = need("stageflow.tools:ApprovalService")(), [], []
    need("stageflow.tools:ApprovalService.get_status")
    for what, number in params["steps"]:
        if not possible(state, what, number):
            continue
        answer = await stepped(service, requests, what, number)
        expect_equal(answer, modelled(state, what, number), f"answer to {what}")
        expect_equal(await looked_up(service, requests), model_looked_up(state), f"status by id, by action, pending after {what}")
    for request, (_, status) in zip(requests, state, strict=True):
        if status in GRANTED:
            decision, error = await outcome(asyncio.wait_for(service.await_decision(request.id), 5))
            seen = type(error).__name__ if error else [decision.request_id == request.id, decision.granted]
            expect_equal(seen, [True, GRANTED[status]], f"decision of a request that was {status}: its own, granted")


def control(params):
    state = []
    for what, number in params["steps"]:
        if possible(state, what, number):
            modelled(state, what, number)
    asked = [number for what, number in params["steps"] if what == "ask"]
    expect_equal([run for run, _ in state], asked, "runs of the modelled requests")


def strategy():
    from hypothesis import strategies as st

    ask = st.tuples(st.just("ask"), st.integers(0, 2))
    other = st.tuples(st.sampled_from([*ENDS, "clean"]), st.integers(0, 3))
    steps = st.lists(st.one_of(ask, other, other).map(list), min_size=1, max_size=9)
    return st.fixed_dictionaries({"steps": steps})
