"""A file of replies, found by what is asked; the scripted provider and the fault server's good behaviour read it.

YAML (a list, or a mapping with `replies`) or JSON lines. Each entry:

    name: hypotheses        the request's name; left out: any
    contains: FIN-001       text that a message must hold; left out: any
    reply: {...} or text    an object is sent as JSON
    finish: stop            or length, filter, other
    times: 1                how often it may be used; 0: any number of times
"""

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, JsonValue, ValidationError

from agent.core.errors import UsageError
from agent.core.record import Record


class ScriptLine(Record):
    """One reply and when it is given."""

    name: str | None = None
    contains: str | None = None
    reply: JsonValue
    finish: Literal["stop", "length", "filter", "other"] = "stop"
    times: int = Field(default=1, ge=0)

    @property
    def text(self) -> str:
        """The reply as it is sent."""
        return self.reply if isinstance(self.reply, str) else json.dumps(self.reply, ensure_ascii=False)


class Script:
    """Lines in order; each request takes the first that fits and is not used up."""

    def __init__(self, lines: Iterable[ScriptLine]) -> None:
        self._lines = tuple(lines)
        self._used = [0] * len(self._lines)
        self._lock = threading.Lock()

    def next(self, name: str, prompt: str) -> ScriptLine | None:
        """The line for a request of that name and text; one that states the name goes before one for any."""
        with self._lock:
            fitting = [number for number, line in enumerate(self._lines) if self._fits(number, line, name, prompt)]
            if not fitting:
                return None
            chosen = min(fitting, key=lambda number: (self._lines[number].name is None, number))
            self._used[chosen] += 1
            return self._lines[chosen]

    def _fits(self, number: int, line: ScriptLine, name: str, prompt: str) -> bool:
        left = line.times == 0 or self._used[number] < line.times
        return left and line.name in {None, name} and (line.contains is None or line.contains in prompt)


def read_script(path: Path) -> Script:
    """The script in a file.

    Raises:
        UsageError: the file cannot be read or is not a script.
    """
    try:
        return Script(ScriptLine.model_validate(entry) for entry in _entries(path))
    except OSError as error:
        raise UsageError(f"the script {path} cannot be read: {error.strerror}", hint="Give a file of replies.") from error
    except (ValueError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise UsageError(f"{path} is not a script of replies: {error}", hint="See agent/models/script.py for its form.") from error


def _entries(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    data = yaml.safe_load(text)
    entries = data.get("replies") if isinstance(data, dict) else data
    if not isinstance(entries, list):
        raise TypeError("no list of replies")
    return entries
