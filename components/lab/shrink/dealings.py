"""Records what a script has to do with the target: which calls cross between the two, in what order, and with what.

Two scripts with the same dealings ask the same of the target. A value is told by what it is made of; what differs from run to run
(identifiers, moments, addresses) is told by its type.
"""

import dataclasses
import enum
import hashlib
import re
import sys
import threading
from collections.abc import Mapping
from types import CodeType, FrameType
from typing import Any

from components.lab.observe import of_target

DEEP, MANY = 3, 40
"""How deep, and how many parts of each thing, are told."""
RANDOM = re.compile(r"\b[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\b|0x[0-9a-f]{6,}")
MOMENT = 1e6
"""Numbers with a fraction beyond this are taken for clock readings."""


def told(value: Any, deep: int = DEEP) -> str:
    """A value in words that are the same in every run."""
    if value is None or isinstance(value, bool | int | bytes):
        return repr(value)
    if isinstance(value, str):
        return repr(RANDOM.sub("#", value))
    if isinstance(value, enum.Enum):
        return str(value)
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < MOMENT else "float"
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if deep == 0:
        return kind
    if isinstance(value, Mapping):
        return f"{kind}{{{', '.join(f'{told(k, deep - 1)}: {told(v, deep - 1)}' for k, v in list(value.items())[:MANY])}}}"
    if isinstance(value, set | frozenset):
        return f"{kind}{{{', '.join(sorted(told(item, deep - 1) for item in list(value)[:MANY]))}}}"
    if isinstance(value, list | tuple):
        return f"{kind}[{', '.join(told(item, deep - 1) for item in value[:MANY])}]"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return f"{kind}({', '.join(f'{f.name}={told(getattr(value, f.name, None), deep - 1)}' for f in dataclasses.fields(value)[:MANY])})"
    return f"{kind} {getattr(value, '__qualname__', '')}".strip()


class Dealings:
    """Watches a run; `script` is the file name that the script was compiled with."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._seen: list[str] = []
        self._first: set[CodeType] = set()

    def start(self) -> None:
        """Watch this thread, and those that start from now on."""
        threading.setprofile(self._profile)
        sys.setprofile(self._profile)

    def stop(self) -> tuple[str, str]:
        """Stop watching; the hash of everything in order, and of the different things in any order."""
        sys.setprofile(None)
        threading.setprofile(None)
        different = sorted(set(self._seen))
        return hashlib.sha256("\n".join(self._seen).encode()).hexdigest(), hashlib.sha256("\n".join(different).encode()).hexdigest()

    def _profile(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        ours = code.co_filename == self._script
        if event not in ("call", "return") or not (ours or of_target(frame)):
            return
        if ours and event == "call":
            return
        back = self._nearest(frame)
        if back is None or ours == (back.f_code.co_filename == self._script):
            return
        if ours:
            self._seen.append(f"answers {code.co_name}: {told(argument)}")
        elif event == "call":
            given = [told(value) for value in list(frame.f_locals.values())[: code.co_argcount + code.co_kwonlyargcount]]
            self._seen.append(f"asks {frame.f_globals['__name__']}:{code.co_qualname}({', '.join(given)})")

    def _nearest(self, frame: FrameType) -> FrameType | None:
        """The frame of the script or of the target that this one was called from, over those of libraries."""
        back = frame.f_back
        while back is not None and back.f_code.co_filename != self._script and not of_target(back):
            back = back.f_back
        return back
