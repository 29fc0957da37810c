"""Budgets are kept whatever is asked, and counted from what is stored."""

from hypothesis import given
from hypothesis import strategies as st

from agent.core.chat import Message, Request
from agent.core.settings import Settings
from agent.models.budget import PHASES, Budget, spent
from agent.models.calls import Attempt, CallRecord

REQUEST = Request(messages=(Message(role="user", content="q"),), max_tokens=10)


def record(number, phase="", **facts):
    given = {"outcome": "answered", "sent_at": float(number), "estimated": 100, "prompt_sha256": "0", "seconds": 1.0, "waited": 2.0}
    made = Attempt(**(given | facts))
    names = {"key": str(number), "question": str(number), "decision": "d", "provider": "p", "model": "m"}
    return CallRecord(**names, phase=phase, request=REQUEST, attempts=(made,))


def test_an_unknown_cost_is_counted_as_unknown_and_not_as_nothing():
    known = record(1, prompt_tokens=10, answer_tokens=5, cost=0.25)
    unknown = record(2, prompt_tokens=10, answer_tokens=5)
    assert (spent([known, unknown]).cost, spent([known, unknown]).unpriced) == (0.25, 1)
    assert spent([known]).unpriced == 0


def test_waiting_counts_as_time():
    assert spent([record(1), record(2)]).seconds == 6.0
    assert "s for calling models are used up" in Budget(10**6, 500, 6.0).refusal(spent([record(1), record(2)]), "", 100, None)


def test_a_phase_cannot_take_what_later_ones_need_but_may_use_what_earlier_ones_left():
    budget = Budget(1_000, 500, 900)
    early = [record(1, "research", estimated=200)]
    assert "share of phase research" in budget.refusal(spent(early), "research", 100, None)
    assert budget.refusal(spent(early), "simulate", 100, None) == ""
    assert budget.refusal(spent(early), "recommend", 500, None) == ""
    assert list(PHASES.values()) == sorted(PHASES.values()) and PHASES["recommend"] == 1.0


def test_cost_is_refused_before_it_is_exceeded():
    budget = Budget(10**6, 5_000, 900, cost=1.0)
    assert budget.refusal(spent([record(1, cost=0.9)]), "", 100, 0.05) == ""
    assert "$1 would be exceeded" in budget.refusal(spent([record(1, cost=0.9)]), "", 100, 0.2)
    assert budget.refusal(spent([record(1, cost=0.9)]), "", 100, None) == ""


def test_a_call_larger_than_one_may_be_and_one_too_many_are_refused():
    assert "of one call" in Budget(10**6, 500, 900).refusal(spent([]), "", 501, None)
    assert "all 1 calls" in Budget(10**6, 500, 900, calls=1).refusal(spent([record(1)]), "", 100, None)


def test_the_budget_is_the_settings():
    settings = Settings.load({}, mission_tokens=7, call_tokens=6, model_seconds=5.0, mission_cost=3.0, mission_calls=9)
    assert Budget.of(settings) == Budget(7, 6, 5.0, 3.0, 9)


CALL = st.tuples(st.sampled_from(["", *PHASES]), st.integers(1, 900), st.floats(0, 1), st.integers(0, 3))


@given(st.integers(0, 5_000), st.lists(CALL, max_size=40))
def test_no_budget_is_ever_exceeded_when_calls_take_no_more_than_was_reserved(tokens, calls):
    budget = Budget(tokens, 800, 60.0, cost=2.0, calls=20)
    made = []
    for number, (phase, size, share, seconds) in enumerate(calls):
        if not budget.refusal(spent(made), phase, size, size / 1_000):
            assert spent(made).tokens + size <= tokens * PHASES.get(phase, 1.0) + 0.5
            took = round(size * share)
            used = {"prompt_tokens": took, "answer_tokens": 0, "cost": took / 1_000}
            made.append(record(number, phase, estimated=size, seconds=float(seconds), **used))
        total = spent(made)
        assert total.tokens <= tokens and total.calls <= 20 and total.cost <= 2.0
        assert total.seconds <= 60.0 + 5.0
