"""A model that goes round in circles is seen, and one that does not is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.models.loops import Step, find_loop


def steps(*facts):
    return [Step(*fact) for fact in facts]


@pytest.mark.parametrize(
    ("kind", "past"),
    [
        ("same_call", steps(("q", "{1}", ""), ("q", "{1}", ""), ("q", "{1}", ""))),
        ("same_error", steps(("q", "{1}", "no title"), ("r", "{2}", "no title"), ("s", "{3}", "no title"))),
        ("alternation", steps(("q", "{1}", ""), ("r", "{2}", ""), ("q", "{1}", ""), ("r", "{2}", ""))),
        ("alternation", steps(("q", "{1}", "a"), ("r", "{2}", "b"), ("s", "{3}", "a"), ("t", "{4}", "b"))),
        ("monologue", steps(("q", "Well,", "no object"), ("r", "I think", "no object"), ("s", "Let me", "no object"))),
        ("monologue", steps(("q", "Well,", "no object"), ("r", "I think", "no list"), ("s", "Let me", "no object"))),
    ],
)
def test_circles_are_seen_with_a_nudge_that_names_them(kind, past):
    loop = find_loop([*steps(("x", "{0}", "")), *past])
    assert loop.kind == kind
    assert loop.nudge and "{" not in loop.nudge


@pytest.mark.parametrize(
    "past",
    [
        [],
        steps(("q", "{1}", "e"), ("r", "{2}", "e")),
        steps(("q", "yes", ""), ("r", "yes", ""), ("s", "yes", "")),
        steps(("q", "{1}", ""), ("r", "{2}", ""), ("s", "{1}", ""), ("t", "{2}", "")),
        steps(("q", "{1}", "e"), ("r", "{2}", "e"), ("s", "{3}", "e"), ("t", "{4}", "")),
    ],
)
def test_answers_that_only_look_alike_are_no_circle(past):
    assert find_loop(past) is None


TEXTS = st.sampled_from(["", "a", "b", "{", "prose"])


@given(st.lists(st.builds(Step, TEXTS, TEXTS, TEXTS), max_size=12))
def test_any_past_can_be_looked_at(past):
    loop = find_loop(past)
    assert loop is None or loop.nudge
