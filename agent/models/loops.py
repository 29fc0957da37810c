"""Sees from a decision's past calls that a model goes round in circles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.models.calls import CallRecord, sha256_of

SAME_CALL, SAME_ERROR, MONOLOGUE = 3, 3, 3
"""How often in a row."""
ALTERNATION = 4
"""Answers in a row that change between two."""
LONGEST = max(SAME_CALL, SAME_ERROR, MONOLOGUE, ALTERNATION)
"""How many of the last steps tell of a circle."""

Kind = Literal["same_call", "same_error", "alternation", "monologue"]

NUDGES: dict[Kind, str] = {
    "same_call": "You were asked exactly this before and answered the same. Give another answer than before.",
    "same_error": "Your last answers all failed for the same reason: {detail} Do it differently this time.",
    "alternation": "Your last answers went to and fro between the same two. Decide for a third way.",
    "monologue": "Your last answers were prose without the form that was asked for. Begin with the form itself, without any sentence.",
}


@dataclass(frozen=True)
class Step:
    """One past call: what was asked, what was answered, and what was wrong with it."""

    asked: str
    answered: str
    problem: str


@dataclass(frozen=True)
class Loop:
    """A circle that was found."""

    kind: Kind
    nudge: str


def step_of(record: CallRecord) -> Step:
    """A stored call as a step."""
    return Step(sha256_of(record.request), record.reply.text.strip() if record.reply else "", record.problem)


def find_loop(steps: Sequence[Step]) -> Loop | None:
    """The circle that the last steps are, if they are one; oldest step first."""
    if _same(steps, SAME_CALL, lambda step: (step.asked, step.answered)):
        return _loop("same_call")
    if _same(steps, SAME_ERROR, lambda step: step.problem) and steps[-1].problem:
        prose = all(is_prose(step) for step in steps[-MONOLOGUE:])
        return _loop("monologue") if prose else _loop("same_error", steps[-1].problem.splitlines()[0][:160])
    if len(steps) >= MONOLOGUE and all(is_prose(step) for step in steps[-MONOLOGUE:]):
        return _loop("monologue")
    last = steps[-ALTERNATION:]
    if len(last) == ALTERNATION and _alternates([(step.asked, step.answered) for step in last]):
        return _loop("alternation")
    if len(last) == ALTERNATION and all(step.problem for step in last) and _alternates([step.problem for step in last]):
        return _loop("alternation")
    return None


def is_prose(step: Step) -> bool:
    """Words that cannot be used, with neither an object nor a block in them."""
    return bool(step.problem) and bool(step.answered) and "{" not in step.answered and "```" not in step.answered


def _same(steps: Sequence[Step], often: int, of: Callable[[Step], object]) -> bool:
    return len(steps) >= often and len({of(step) for step in steps[-often:]}) == 1


def _alternates(values: Sequence[object]) -> bool:
    first, second = values[0], values[1]
    return first != second and all(value == (first, second)[i % 2] for i, value in enumerate(values))


def _loop(kind: Kind, detail: str = "") -> Loop:
    return Loop(kind, NUDGES[kind].format(detail=detail))
