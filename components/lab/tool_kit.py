"""Small stand-ins and readers shared by the probes of tools, agents, guardrails and interceptors."""

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from components.lab.probe import need


@dataclass(frozen=True)
class Action:
    """What an agent asks a tool to do: an action type and its payload."""

    type: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: uuid.UUID = field(default_factory=uuid.uuid4)


class FunctionTool:
    """A registry tool made of a function from payload to data; every payload it is called with is kept in `calls`."""

    def __init__(self, action_type: str, answer: Callable[[Any], Any], name: str = "") -> None:
        self.action_type = action_type
        self.name = name or action_type
        self.description = f"does {action_type}"
        self.calls: list[Any] = []
        self._answer = answer

    async def execute(self, input: Any, ctx: Mapping[str, Any]) -> Any:
        """Call the function and wrap what it returns as a successful output."""
        self.calls.append(input.action.payload)
        return need("stageflow.tools.base:ToolOutput")(success=True, data=self._answer(input.action.payload))


class ScriptedModel:
    """A chat model that gives the prepared replies in turn, the last one for ever; an exception among them is raised."""

    def __init__(self, *replies: Any) -> None:
        self.replies = replies
        self.requests: list[list[dict[str, Any]]] = []

    async def chat(self, *, messages: Sequence[Mapping[str, Any]], model: str, **settings: Any) -> Any:
        """The next reply; the messages are kept in `requests`."""
        self.requests.append([dict(message) for message in messages])
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        return reply


def tool_request(name: str, **arguments: Any) -> str:
    """A model reply that asks for one tool."""
    return json.dumps({"tool_calls": [{"name": name, "arguments": arguments, "call_id": "call-1"}]})


def final_answer(text: str) -> str:
    """A model reply that ends the loop."""
    return json.dumps({"final_answer": text})


def registry_of(*tools: Any) -> Any:
    """A fresh tool registry holding the tools."""
    registry = need("stageflow.tools.registry:ToolRegistry")()
    for tool in tools:
        registry.register(tool)
    return registry


class LogTap(logging.Handler):
    """Collects log records of some loggers, whatever the level or switch-off in force; use it in a `with` block."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self._loggers = [logging.getLogger(name) for name in names]
        self._before: list[int] = []
        self._disabled = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.records.append(record)

    def __enter__(self) -> "LogTap":
        self._disabled = logging.root.manager.disable
        self._before = [logger.level for logger in self._loggers]
        logging.disable(logging.NOTSET)
        for logger in self._loggers:
            logger.setLevel(logging.DEBUG)
            logger.addHandler(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for logger, level in zip(self._loggers, self._before, strict=True):
            logger.removeHandler(self)
            logger.setLevel(level)
        logging.disable(self._disabled)

    def with_text(self, part: str) -> list[str]:
        """Messages that contain `part`."""
        return [record.getMessage() for record in self.records if part in record.getMessage()]


def patched(document: Any, operations: Sequence[Mapping[str, Any]]) -> Any:
    """`document` after a JSON Patch (RFC 6902: add, remove, replace), applied in order to a copy.

    Raises:
        LookupError: an operation points at something that is not there.
    """
    whole: Any = {"": json.loads(json.dumps(document))}
    for operation in operations:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in str(operation["path"]).split("/")]
        holder = whole
        for step in steps[:-1]:
            holder = holder[int(step) if isinstance(holder, list) else step]
        last: Any = steps[-1]
        if isinstance(holder, list):
            last = len(holder) if last == "-" else int(last)
        if operation["op"] == "remove":
            del holder[last]
        elif operation["op"] == "add" and isinstance(holder, list):
            if last > len(holder):
                raise IndexError(f"cannot add at {last}")
            holder.insert(last, operation["value"])
        elif operation["op"] == "add":
            holder[last] = operation["value"]
        else:
            _ = holder[last]
            holder[last] = operation["value"]
    return whole[""]


def same_json(left: Any, right: Any) -> bool:
    """Equal as JSON texts: unlike in Python, 1 and true differ."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)


def new_side(old: str, diff: str) -> str:
    """The new text that a unified diff makes of `old`; understands the no-newline marker.

    Raises:
        ValueError: the diff does not fit the old text.
    """
    source, result, at = old.splitlines(keepends=True), [], 0
    lines = diff.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if number < 2 or line.startswith("\\"):
            continue
        if line.startswith("@@"):
            start, _, length = line.split()[1][1:].partition(",")
            first = int(start) - (0 if length == "0" else 1)
            result += source[at:first]
            at = first
            continue
        marked = number + 1 < len(lines) and lines[number + 1].startswith("\\")
        text = line[1:].rstrip("\n") if marked else line[1:]
        if line[0] in " -":
            if at >= len(source) or source[at] != text:
                raise ValueError(f"line {at + 1} of the old text is not {text!r}")
            at += 1
        if line[0] in " +":
            result.append(text)
    return "".join(result + source[at:])
