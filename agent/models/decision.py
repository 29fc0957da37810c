"""A decision: what one call is to decide, the record its answer must fit, and how the question is rendered within its budget."""

import copy
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.core.chat import Message, Request
from agent.core.errors import ModelTooLarge
from agent.core.record import Record
from agent.models.fields import field_lines
from agent.models.foreign import as_data, neutral
from agent.models.tokens import prompt_tokens

SYSTEM = "_system.md.j2"
COMFORT, SHORTEST = 600, 80
"""Characters to which a slot is cut before the answer budget is touched, and at all."""
FEWEST = 3
"""Items that a cut list keeps, besides the mark that says how many are gone."""


@dataclass(frozen=True)
class Decision:
    """One thing a model may be asked.

    Attributes:
        name: letters, digits, underscores.
        template: file in `prompts/decisions/`, usually `<name>.md.j2`; its variables are the slots.
        answer: the record an answer must fit; with form `code` it has a field `code`.
        answer_tokens: most tokens of an answer, before the model's own factor.
        temperature: of the first draw.
        candidates: how many answers to draw; the first that `verify` accepts is taken, without `verify` all are handed back.
        form: a JSON object, or a fenced Python block.
        phase: the phase whose share of the budget pays; empty when only the mission's counts.
        verify: a cheap check in this process, the empty string or what is wrong; it must never run what the model wrote.
    """

    name: str
    template: str
    answer: type[Record]
    answer_tokens: int = 400
    temperature: float = 0.2
    candidates: int = 1
    form: Literal["json", "code"] = "json"
    phase: str = ""
    verify: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Prompt:
    """A rendered question.

    Attributes:
        request: what to send.
        tokens: estimate of the prompt; with `request.max_tokens` it stays within the room given.
        cuts: which slots were cut, as the model was told.
        neutralised: lines of foreign text that looked like instructions and were taken out.
    """

    request: Request
    tokens: int
    cuts: tuple[str, ...]
    neutralised: int


@dataclass(frozen=True)
class Form:
    """How a model wants its question.

    Attributes:
        factor: real tokens to estimated ones, as learned for this model; at least 1.
        answer_factor: how much more a reasoning model needs for an answer.
        constrains: whether it takes a JSON schema.
        nudge: a sentence for a model that goes round in circles.
        follow: turns after the question: an unusable answer and what is asked back.
    """

    factor: float = 1.0
    answer_factor: float = 1.0
    constrains: bool = False
    nudge: str = ""
    follow: tuple[Message, ...] = ()


class Renderer:
    """Renders decisions from one folder of templates; an undefined name in a template is an error."""

    def __init__(self, folder: Path) -> None:
        self._templates = _templates(folder)

    def whole(self, decision: Decision, slots: dict[str, Any], form: Form) -> Prompt:
        """The question without a limit; what a stored answer is found by."""
        clean, neutralised = _neutral(slots)
        return self._prompt(decision, clean, form, (), neutralised, round(decision.answer_tokens * form.answer_factor))

    def fitting(self, decision: Decision, slots: dict[str, Any], form: Form, room: int) -> Prompt:
        """The question cut so that estimated prompt plus answer stay within `room` tokens.

        Slots are cut first, the longest ones, each with a visible mark; then the answer budget is halved; then slots are cut further.

        Raises:
            ModelTooLarge: even cut down it does not fit.
        """
        clean, neutralised = _neutral(slots)
        nominal = round(decision.answer_tokens * form.answer_factor)
        cuts: dict[str, int] = {}
        for answer, shortest in ((nominal, COMFORT), (nominal // 2, COMFORT), (nominal // 2, SHORTEST)):
            while (prompt := self._prompt(decision, clean, form, tuple(cuts), neutralised, answer)).tokens + answer > room:
                if not _cut_longest(clean, prompt.tokens + answer - room, shortest, cuts):
                    break
            else:
                return prompt
        raise ModelTooLarge(f"the question {decision.name} needs {prompt.tokens} + {answer} tokens, {room} are allowed")

    def _prompt(
        self, decision: Decision, slots: dict[str, Any], form: Form, cuts: tuple[str, ...], neutralised: int, answer: int
    ) -> Prompt:
        parts = [self._templates.get_template(decision.template).render(slots).strip(), _rules(decision)]
        if cuts:
            parts.append(f"Not everything fitted into this question; cut: {', '.join(cuts)}.")
        if form.nudge:
            parts.append(form.nudge)
        system = self._templates.get_template(SYSTEM).render().strip()
        messages = (Message(role="system", content=system), Message(role="user", content="\n\n".join(parts)), *form.follow)
        schema = decision.answer.model_json_schema() if form.constrains and decision.form == "json" else None
        request = Request(
            messages=messages, max_tokens=max(1, answer), temperature=decision.temperature, answer_schema=schema, name=decision.name
        )
        return Prompt(request, round(prompt_tokens(messages, schema) * form.factor), cuts, neutralised)


@functools.cache
def _templates(folder: Path) -> Environment:
    """Compiled once for all questions of a process."""
    made = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["data"] = as_data
    return made


def _rules(decision: Decision) -> str:
    if decision.form == "code":
        return "Answer with one fenced ```python block that holds the whole code, and nothing else."
    return "Answer with one JSON object and nothing else. Its fields:\n" + "\n".join(field_lines(decision.answer))


Leaf = tuple[str, Any, Any]
"""Name for the model, container, key."""


def _leaves(value: Any, name: str = "") -> Iterator[Leaf]:
    """Every text in nested lists and objects."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        label = f"{name}.{key}" if name else str(key)
        if isinstance(inner, str):
            yield label, value, key
        else:
            yield from _leaves(inner, label)


def _neutral(slots: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A copy of the slots with every text neutralised, and how many lines that took."""
    clean, removed = copy.deepcopy(slots), 0
    for _, container, key in list(_leaves(clean)):
        container[key], found = neutral(container[key])
        removed += found
    return clean, removed


def _cut_longest(slots: dict[str, Any], excess: int, shortest: int, cuts: dict[str, int]) -> bool:
    """Cut the largest text, or list of short texts, by about `excess` tokens; False when none is above `shortest` characters."""
    texts = [(len(box[key]), label, box, key) for label, box, key in _leaves(slots) if len(box[key]) > shortest + 80]
    lists = [(sum(map(len, box[key])), label, box, key) for label, box, key in _lists(slots) if len(box[key]) > FEWEST]
    largest = max([*texts, *(one for one in lists if one[0] > shortest)], key=lambda one: one[0], default=None)
    if largest is None:
        return False
    _, label, box, key = largest
    if isinstance(box[key], str):
        _cut_text(box, key, label, excess, shortest, cuts)
    else:
        _cut_list(box, key, label, excess, cuts)
    return True


def _cut_text(box: Any, key: Any, label: str, excess: int, shortest: int, cuts: dict[str, int]) -> None:
    kept: str = box[key].rsplit("\n[cut: ", 1)[0] if label in cuts else box[key]
    total = cuts.setdefault(label, len(kept))
    keep = max(shortest, min(len(kept) - excess * 2, len(kept) * 9 // 10))
    box[key] = f"{kept[:keep]}\n[cut: {total - keep} of {total} characters are left out here]"


def _cut_list(box: Any, key: Any, label: str, excess: int, cuts: dict[str, int]) -> None:
    kept: list[str] = box[key][:-1] if label in cuts else box[key]
    total = cuts.setdefault(label, len(kept))
    size = sum(map(len, kept)) - excess * 2
    keep = len(kept) * 9 // 10
    while keep > FEWEST and sum(map(len, kept[:keep])) > size:
        keep -= 1
    box[key] = [*kept[:keep], f"[cut: {total - keep} of {total} are left out here]"]


def _lists(value: Any, name: str = "") -> Iterator[Leaf]:
    """Every list of short texts in nested lists and objects."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        label = f"{name}.{key}" if name else str(key)
        if isinstance(inner, list) and inner and all(isinstance(one, str) and len(one) <= 2 * COMFORT for one in inner):
            yield label, value, key
        else:
            yield from _lists(inner, label)
