"""Runs the documentation oracle inside the sandbox: stageflow is imported once, the blocks of every page run in a fork of their own.

    python -m components.lab.documentation.runner < request.json > rows.jsonl

The request is `{"pages": [...], "implied": [names], "docstrings": [names], "virtual": bool, "seconds": per page}`. A page has `name`,
`blocks` (`index`, `line`, `kind`, `code`, `elided`, `titles`, `strict`, `stubs`), `claims` (`line`, `titles`, `strict`, `name`, `stub`) and
`home`: the module whose docstrings these are; their examples use its names, and they are not run. `docstrings` names modules, classes,
functions and methods whose documentation is wanted as it is on this target. A row is `{"docstring", "text", "line"}`,
`{"page", "resolved": [mistakes]}` (with the block's index, -1 for a claim; lines are those of the page; `trouble` says why there is
nothing), or `{"page", "played": {...}}`.
"""

import contextlib
import inspect
import json
import os
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from components.lab.documentation.play import play_page
from components.lab.documentation.resolver import Resolver
from components.lab.documentation.signatures import member_mistake, stub_mistakes
from components.lab.documentation.target import modules, of_target
from components.lab.documentation.values import Known, Value

Page = Mapping[str, Any]


def resolved(page: Page, implied: list[str]) -> list[dict[str, Any]]:
    """The mistakes of a page that need no running; lines are those of the page."""
    blocks = [block for block in page["blocks"] if block["code"]]
    resolver = Resolver([block["code"] for block in blocks], implied)
    found: list[dict[str, Any]] = []
    for block in blocks:
        if page["home"]:
            resolver = Resolver([block["code"]], implied)
            resolver.page |= at_home(page["home"])
        for mistake in resolver.block(block["code"], elided=block["elided"]):
            found.append({**asdict(mistake), "block": block["index"], "line": block["line"] + mistake.line - 1})
    known = {name: value[0].obj for name, value in resolver.page.items() if len(value) == 1 and isinstance(value[0], Known)}
    for block in page["blocks"]:
        for stub in block["stubs"]:
            for mistake in stub_mistakes(stub, block["titles"], block["strict"], known):
                found.append({**asdict(mistake), "block": block["index"], "line": block["line"] + mistake.line - 1})
    for claim in page["claims"]:
        if claim["stub"]:
            mistakes = stub_mistakes(claim["stub"], claim["titles"], claim["strict"], known)
        else:
            missing = member_mistake(claim["name"], claim["titles"], known, claim["line"])
            mistakes = [missing] if missing else []
        found += [{**asdict(mistake), "block": -1, "line": claim["line"]} for mistake in mistakes]
    return found


def at_home(module: str) -> dict[str, Value]:
    """The classes and functions of the target that an example in a module's docstring may use without importing them."""
    names = vars(modules()[module]) if module in modules() else {}
    objects = {name: value for name, value in names.items() if inspect.isclass(value) or inspect.isroutine(value)}
    return {name: (Known(value),) for name, value in objects.items() if of_target(value)}


def played(page: Page, implied: list[str], *, virtual: bool, seconds: float) -> Iterator[dict[str, Any]]:
    """What came of running the blocks of a page; blocks that it did not get to are left out.

    They run in order in one process. One that does not end well there is tried by itself, since an earlier one may have left something.
    """
    blocks = [block for block in page["blocks"] if block["kind"] in ("code", "session")]
    deadline = time.monotonic() + seconds
    for row in in_fork(page["name"], blocks, implied, virtual=virtual, deadline=deadline):
        if row["result"] in ("failed", "unknown"):
            block = next(block for block in blocks if block["index"] == row["index"])
            alone = next(in_fork(page["name"], [block], implied, virtual=virtual, deadline=deadline), row)
            yield alone if alone["result"] == "ran" else row
        else:
            yield row


def in_fork(name: str, blocks: list[Page], implied: list[str], *, virtual: bool, deadline: float) -> Iterator[dict[str, Any]]:
    """Run blocks in a process of its own."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        os.close(reading)
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        with os.fdopen(writing, "w") as answers:
            for row in play_page(name, blocks, implied, virtual=virtual):
                answers.write(json.dumps(row) + "\n")
                answers.flush()
        os._exit(0)
    os.close(writing)
    try:
        yield from lines(reading, deadline)
    finally:
        os.close(reading)
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def lines(pipe: int, deadline: float) -> Iterator[dict[str, Any]]:
    """JSON lines from a pipe until it ends or the time is over."""
    said = b""
    while (left := deadline - time.monotonic()) > 0 and select.select([pipe], [], [], left)[0]:
        chunk = os.read(pipe, 65536)
        if not chunk:
            return
        *whole, said = (said + chunk).split(b"\n")
        yield from (json.loads(line) for line in whole)


def docstring(dotted: str) -> dict[str, Any] | None:
    """The documentation of `package.module.Class.method`; None when the target has no such thing, or nothing is written there."""
    parts = dotted.split(".")
    cut = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in modules()), 0)
    found: Any = modules().get(".".join(parts[:cut]))
    for part in parts[cut:]:
        found = getattr(found, part, None)
    text = inspect.getdoc(found) if found is not None else None
    if not text:
        return None
    with contextlib.suppress(OSError, TypeError):
        return {"docstring": dotted, "text": text, "line": inspect.getsourcelines(found)[1]}
    return {"docstring": dotted, "text": text, "line": 0}


def answer(request: Mapping[str, Any], tell: Callable[[Mapping[str, Any]], None]) -> None:
    """Work through a request."""
    modules()  # imported once, inherited by every fork
    implied = list(request["implied"])
    for found in filter(None, map(docstring, request["docstrings"])):
        tell(found)
    for page in request["pages"]:
        try:
            tell({"page": page["name"], "resolved": resolved(page, implied)})
        except Exception as error:  # a page that the resolver cannot follow: said, and nothing is claimed of it
            tell({"page": page["name"], "resolved": [], "trouble": f"{page['name']} was not followed: {type(error).__name__}: {error}"})
        for row in () if page["home"] else played(page, implied, virtual=request["virtual"], seconds=request["seconds"]):
            tell({"page": page["name"], "played": row})


def main() -> None:
    """Read the request from standard input, write rows to standard output."""
    warnings.simplefilter("ignore")
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what modules of the target print while they are imported must not mix with the rows

    def tell(row: Mapping[str, Any]) -> None:
        output.write(json.dumps(row) + "\n")
        output.flush()

    answer(json.load(sys.stdin), tell)


if __name__ == "__main__":
    main()
