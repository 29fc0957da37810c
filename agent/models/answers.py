"""From what a model wrote to the record that was asked for, tolerant of form and strict about content."""

import ast
import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import json_repair
from pydantic import ValidationError

from agent.core.chat import Reply
from agent.core.record import Record
from agent.models.decision import Decision

LONGEST = 16_384
"""Characters of an answer that are looked at."""
FENCE = re.compile(r"```[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:\n[ \t]*```|\Z)", re.S)
WRAPPERS = ("arguments", "parameters", "answer", "result", "properties")
"""Where models that think of tool calls put the object that was asked for."""
MOST_BRACKETS = 500
SHOWN = 6
"""Most problems quoted in a repair question."""

How = Literal["native", "fenced", "tolerant", "code", "none"]


@dataclass(frozen=True)
class Parsed:
    """What an answer came to.

    Attributes:
        record: the answer, or None.
        problem: what is wrong with it, in words a model can act on; empty with a record.
        truncated: it was cut at the token limit, so it is not the model's mistake.
        how: which way of reading it worked.
    """

    record: Record | None
    problem: str
    truncated: bool
    how: How


def parse(decision: Decision, reply: Reply) -> Parsed:
    """Read a reply; never raises, whatever is in it."""
    text = reply.text[:LONGEST]
    if not text.strip():
        return Parsed(None, "The answer was empty.", reply.finish == "length", "none")
    problem, cut = "", reply.finish == "length"
    for how, value in _code(text, cut) if decision.form == "code" else _objects(text):
        record, problem_here = _fit(decision, value)
        # An object that had to be completed by guessing is not believed when the answer was cut: its last text may be half a text.
        if record is not None and not (cut and how == "tolerant"):
            return Parsed(record, "", False, how)
        problem = problem or problem_here
    wanted = "a fenced ```python block" if decision.form == "code" else "a JSON object"
    return Parsed(None, problem or f"There was no complete {wanted.removeprefix('a ')} in the answer.", cut, "none")


def repair_question(decision: Decision, parsed: Parsed) -> str:
    """The one question that is asked back."""
    form = "one fenced ```python block with the whole code" if decision.form == "code" else "the whole JSON object, corrected"
    if parsed.truncated:
        return f"Your answer was cut off because it was too long. Answer again, much shorter: {form}, and nothing else."
    return f"This answer cannot be used:\n{parsed.problem}\nAnswer again with {form}, and nothing else."


def _objects(text: str) -> Iterator[tuple[How, Any]]:
    """JSON objects in the text, the most trustworthy reading first."""
    yield from (("native", value) for value in _strict(text))
    blocks = [block for _, block in FENCE.findall(text)]
    yield from (("fenced", value) for block in blocks for value in _strict(block))
    for part in [*blocks, text[text.find("{") :] if "{" in text else ""]:
        value = _repaired(part)
        yield from (("tolerant", one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict) and one)


def _strict(text: str) -> Iterator[Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(value, dict):
        yield value


def _repaired(text: str) -> Any:
    """What the tolerant parser makes of it; brackets without end are not worth the seconds that it takes over them."""
    if not text.strip() or text.count("{") + text.count("[") > MOST_BRACKETS:
        return None
    try:
        return json_repair.loads(text)
    except (ValueError, RecursionError):
        return None


def _code(text: str, cut: bool) -> Iterator[tuple[How, Any]]:
    """The Python blocks, joined with the fields of a JSON block beside them; a bare answer counts when it is Python."""
    found = FENCE.findall(text)
    fields: dict[str, Any] = next((value for language, block in found if language == "json" for value in _strict(block)), {})
    closed = text.count("```") >= 2
    if closed or not cut:
        yield from (("code", {**fields, "code": f"{block.strip()}\n"}) for language, block in found if language in {"python", "py", ""})
    for value in _strict(text):
        yield "native", value
    if not found and not cut and _is_python(text):
        yield "tolerant", {"code": f"{text.strip()}\n"}


def _is_python(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) for node in tree.body)


def _fit(decision: Decision, value: Any) -> tuple[Record | None, str]:
    """The record of a value or of what it wraps; otherwise what is wrong with the value."""
    inner = [value.get(key) for key in (*WRAPPERS, decision.name)]
    problems = []
    for candidate in (value, *(one if isinstance(one, dict) else _embedded(one) for one in inner)):
        if isinstance(candidate, dict):
            record, problem = _validated(decision, candidate)
            if record is not None:
                return record, ""
            problems.append(problem)
    return None, problems[0]


def _embedded(value: Any) -> Any:
    """Tool calls carry their arguments as JSON in a text."""
    return next(_strict(value), None) if isinstance(value, str) else None


def _validated(decision: Decision, value: dict[str, Any]) -> tuple[Record | None, str]:
    try:
        record = decision.answer.model_validate(value)
    except ValidationError as error:
        bare = _without_extras(value, error)
        return _validated(decision, bare) if bare != value else (None, _quoted(error))
    except RecursionError:
        return None, "The answer is nested too deeply."
    problem = decision.verify(record) if decision.verify else ""
    return (None, problem) if problem else (record, "")


def _without_extras(value: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """A copy without fields that the record does not know; they are ignored, never believed."""
    bare: dict[str, Any] = copy.deepcopy(value)
    for found in error.errors():
        if found["type"] == "extra_forbidden":
            *path, last = found["loc"]
            container = bare
            for step in path:
                container = _step(container, step)
            if isinstance(container, dict):
                container.pop(str(last), None)
    return bare


def _step(container: Any, step: int | str) -> Any:
    """One step into nested JSON; a step that names no place, as unions have them, stays where it is."""
    try:
        return container[step]
    except (KeyError, IndexError, TypeError):
        return container


def _quoted(error: ValidationError) -> str:
    """The problems as pydantic words them, one a line, with what was given."""
    lines = []
    for found in error.errors()[:SHOWN]:
        place = ".".join(map(str, found["loc"])) or "the object"
        given = "" if found["type"] == "missing" else f", not {_short(found['input'])}"
        lines.append(f"- {place}: {found['msg']}{given}")
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:79] + "…"
