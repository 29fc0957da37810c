"""The lab's test doubles, what each of them stands for, and whether it is a faithful one on this target.

    python -m components.lab.doubles > rows.jsonl

A row has `double`, `stands_for`, `verdict` (holds: it has every member of the protocol and takes every call that the protocol allows;
violated; not_applicable: this target has no such protocol) and `problems`.
"""

import importlib
import inspect
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from components.lab.probe import NotApplicable, need

INTERCEPTOR = "stageflow.pipeline.interceptors:BaseInterceptor"
STAGE = "stageflow.core:Stage"
DOUBLES: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "RecordingSink": ("flow", "stageflow.events.sink:EventSink", lambda made: made()),
    "EmptyInterceptor": ("flow", INTERCEPTOR, lambda made: made()),
    "FunctionStage": ("flow", STAGE, lambda made: made("a", ended, need("stageflow:StageKind").TRANSFORM)),
    "CallWitness": ("dag_play", INTERCEPTOR, lambda made: made(None, "record", 1)),
    "StageAnswerer": ("dag_play", INTERCEPTOR, lambda made: made(1, "a")),
    "FunctionTool": ("tool_kit", "stageflow.tools.base:Tool", lambda made: made("a", str)),
    "Action": ("tool_kit", "stageflow.tools.base:ActionProtocol", lambda made: made("a")),
    "scripted_fetcher": ("value_kit", "stageflow.websearch.protocols:FetcherProtocol", lambda made: made([200])),
}
"""Name of a double, or of a function that makes one -> its module, the protocol or base class it stands for, how to make an instance.

Not here: models for agents (the target has no protocol for them), and `components.lab.services`, which stand for other people's services.
"""

Signature = inspect.Signature
Parameter = inspect.Parameter


async def ended(ctx: Any) -> None:
    """A stage that has nothing to do."""


def members(protocol: type) -> dict[str, Any]:
    """The public members that a protocol or base class names itself or through its bases; None for plain attributes."""
    found: dict[str, Any] = {}
    for base in reversed(protocol.__mro__):
        if base.__module__.partition(".")[0] == "stageflow":
            names = {**dict.fromkeys(getattr(base, "__annotations__", {})), **vars(base)}
            found |= {name: value if inspect.isfunction(value) else None for name, value in names.items() if not name.startswith("_")}
    return found


def call_problems(promised: Signature, offered: Signature) -> Iterator[str]:
    """Why a call that fits `promised` would not fit `offered`; a leading underscore of a name does not count."""
    wanted = list(promised.parameters.values())[1:]  # the double's method is bound, the protocol's is not
    has = {parameter.name.lstrip("_"): parameter for parameter in offered.parameters.values()}
    kinds = {parameter.kind for parameter in has.values()}
    places = [p for p in has.values() if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    positional = [p for p in wanted if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    if len(positional) > len(places) and Parameter.VAR_POSITIONAL not in kinds:
        yield f"takes {len(places)} of {len(positional)} positional arguments"
    for parameter in wanted:
        if parameter.kind in (Parameter.KEYWORD_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            mine = has.get(parameter.name.lstrip("_"))
            if Parameter.VAR_KEYWORD not in kinds and (mine is None or mine.kind == Parameter.POSITIONAL_ONLY):
                yield f"does not take {parameter.name}="
    names = {parameter.name.lstrip("_") for parameter in wanted}
    for name, parameter in has.items():
        if name not in names and parameter.default is Parameter.empty and parameter.kind.name in ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY"):
            yield f"also wants {name}="


def problems_of(double: Any, protocol: type) -> Iterator[str]:
    """Every way in which an instance falls short of the protocol."""
    for name, promised in members(protocol).items():
        mine: Any = getattr(double, name, None)
        if not hasattr(double, name):
            yield f"has no {name}"
        elif promised is not None and not callable(mine):
            yield f"{name} cannot be called"
        elif promised is not None and inspect.iscoroutinefunction(promised) != inspect.iscoroutinefunction(mine):
            yield f"{name} is {'not ' if inspect.iscoroutinefunction(promised) else ''}async"
        elif promised is not None:
            yield from (f"{name} {problem}" for problem in call_problems(inspect.signature(promised), inspect.signature(mine)))


def judged(double: str) -> dict[str, Any]:
    """The row of one double."""
    module, stands_for, make = DOUBLES[double]
    row: dict[str, Any] = {"double": double, "stands_for": stands_for, "problems": []}
    try:
        protocol = need(stands_for)
        made = make(getattr(importlib.import_module(f"components.lab.{module}"), double))
        problems = sorted(problems_of(made, protocol))
    except NotApplicable as missing:
        return row | {"verdict": "not_applicable", "problems": [str(missing)]}
    except Exception as error:
        return row | {"verdict": "unknown", "problems": [f"{type(error).__name__}: {error}"]}
    return row | {"verdict": "violated" if problems else "holds", "problems": problems}


def main() -> None:
    """Write one row per double."""
    importlib.import_module("stageflow")
    for double in DOUBLES:
        sys.stdout.write(json.dumps(judged(double)) + "\n")


if __name__ == "__main__":
    main()
