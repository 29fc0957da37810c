"""The scores of the developer experience: always 1 to 5 or none, never better for worse facts, and quoted from what was recorded."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.reporting.experience import LINES, SHARES, Observed, at_least, at_most, delights, friction, mean, scored

ASPECTS = ["discoverability", "clarity", "documentation", "error_messages", "debugging", "boilerplate", "flexibility", "performance"]
NO_BLOCKS = {"pages": 0, "blocks": 0, "compile": 0, "resolve": 0, "problems": []}


def mistake(what: str, refused: bool, named: bool, led: bool) -> dict[str, Any]:
    return {"mistake": what, "refused": refused, "names_culprit": named, "leads_to_fix": led, "message": f"E: {what}" if refused else ""}


SCRIPT = {
    "mistakes": [mistake("cycle", True, True, True), mistake("twice", False, False, False), mistake("text", True, True, False)],
    "debugging": {"message names the stage": True, "results are reachable": False},
    "lines_to_cause": None,
    "extensions": {"own sink": True},
    "lines": {"framework": 16, "plain": 8},
    "cost": {"framework_ms": 0.31, "plain_ms": 0.01},
}
BLOCKS = {"pages": 3, "blocks": 10, "compile": 10, "resolve": 8, "problems": ["a.md: x.Y", "b.md: x.Y", "b.md: x.Z"]}
TRIED = {
    "attempts": 2,
    "blocks": [
        {"page": "README.md", "line": 5, "runs_a_pipeline": True, "result": "failed", "reason": "TypeError: no"},
        {"page": "README.md", "line": 9, "runs_a_pipeline": True, "result": "ran", "reason": ""},
    ],
}
SYMBOLS = [{"kind": "class", "doc": "It is."}, {"kind": "function", "doc": ""}, {"kind": "module", "doc": ""}]


def test_eight_aspects_from_facts() -> None:
    scores = {score.aspect: score for score in scored(Observed(SCRIPT, BLOCKS, TRIED, SYMBOLS))}
    assert list(scores) == ASPECTS
    assert {name: score.score for name, score in scores.items()} == {
        "discoverability": 4,
        "clarity": 3,
        "documentation": 3,
        "error_messages": 2,
        "debugging": 1,
        "boilerplate": 3,
        "flexibility": 5,
        "performance": 4,
    }
    assert scores["discoverability"].facts["names guessed wrong"] == 2
    assert scores["debugging"].facts["lines until the user's line"] == "never shown"
    assert scores["error_messages"].facts["accepted in silence"] == "twice"
    assert all(str(score.facts) and score.formula for score in scores.values())


def test_without_facts_nothing_is_scored() -> None:
    nothing = Observed({}, NO_BLOCKS, {})
    assert [score.score for score in scored(nothing)] == [None] * 8
    assert friction(nothing) == delights(nothing) == []


def test_friction_and_delights_quote_what_happened() -> None:
    observed = Observed(SCRIPT, BLOCKS, TRIED)
    assert friction(observed) == [
        "twice: accepted, nothing was raised",
        "text: `E: text` names the cause, but not what to do",
        "a failing run: results are reachable - no",
        "a failing run: neither its log nor its traceback shows the line of the stage that raised",
        "README.md:5 does not run as written: TypeError: no",
    ]
    assert delights(observed) == ["cycle: `E: cycle`", "own sink: takes effect as it is written"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_never_scores_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 1 <= at_least(low) <= at_least(high) <= 5
    assert [at_least(limit) for limit, _ in SHARES] == [score for _, score in SHARES]


@given(st.none() | st.integers(1, 500), st.integers(1, 500))
def test_more_to_read_never_scores_more(lines: int | None, fewer: int) -> None:
    if lines is None or fewer <= lines:
        assert 1 <= at_most(lines, LINES) <= at_most(fewer, LINES) <= 5


@given(st.lists(st.none() | st.integers(1, 5), max_size=3))
def test_a_mean_lies_between_and_misses_nothing(scores: list[int | None]) -> None:
    found = mean(*scores)
    known = [score for score in scores if score is not None]
    if found is None:
        assert not known or len(known) < len(scores)
    else:
        assert min(known) <= found <= max(known)
