"""Makes pytest modules out of a stand-alone proof: one that plays it, and one for Stageflow's own suite, whose function is the scenario."""

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.core.errors import AgentError

SLUG = 60
"""Most characters of a title that go into the name of a test."""

END_LOOP = '''\
def end_loop():
    """Close the event loop that `play` leaves open; a task that refuses to end is left behind."""
    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:
        return
    for task in asyncio.all_tasks(loop):
        task.cancel()
    for _ in range(3):
        loop.run_until_complete(asyncio.sleep(0))
    asyncio.set_event_loop(None)
    loop.close()
'''
"""A script ends its process instead."""

PLAIN = """\
{docstring}

import subprocess
import sys
from pathlib import Path

import pytest


def {name}():
    script = Path(__file__).with_name("repro.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout={seconds})
    if done.returncode == 2:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
"""

FUNCTION = """\
@pytest.mark.filterwarnings("ignore")
@pytest.mark.xfail(raises=Violation, strict=True, reason="known defect, see the docstring; goes with the repair")
def {name}():
{docstring}
    broken = None
    logging.disable(logging.CRITICAL)
    try:
        contextvars.copy_context().run({player}, scenario, {case}, {seconds})
    except NotApplicable as missing:
        pytest.skip(f"this stageflow does not have the API: {{missing}}")
    except Violation as violation:
        broken = violation.with_traceback(None)  # the frames would keep unfinished tasks alive beyond this test
    finally:
        logging.disable(logging.NOTSET){ending}
    gc.collect()
    if broken:
        raise broken
"""


@dataclass(frozen=True)
class Call:
    """How the script plays its scenario: names of the player and of the case, and the time limit as written."""

    player: str
    case: str
    seconds: str


def slug(title: str, fingerprint: str) -> str:
    """A name for the test: words of the title, and enough of the fingerprint to be unique."""
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    short = words if len(words) <= SLUG else words[: SLUG + 1].rpartition("_")[0] or words[:SLUG]
    return "_".join(part for part in (short, fingerprint[:6]) if part)


def plain_test(name: str, words: Iterable[str], seconds: float) -> str:
    """A short module with the test function `test_<name>`, which plays the `repro.py` beside it for `seconds` at most."""
    lines = list(words)
    docstring = quoted(
        [lines[0], "", "Fails while the defect exists. Needs pytest, stageflow-core and the repro.py beside it.", *lines[1:]]
    )
    return PLAIN.format(docstring=docstring, name=f"test_{name}", seconds=seconds)


def known_test(script: str, name: str, words: Iterable[str]) -> str:
    """The module with the test function `test_<name>`, which is expected to fail, strictly; it needs nothing beside it.

    Args:
        script: text of the proof.
        name: see `slug`.
        words: lines of the docstring: title, claim, source.

    Raises:
        AgentError: the script is not built like a proof.
    """
    tree = ast.parse(script)
    call = played(tree)
    body = without(script, [node for node in tree.body if not kept(node)])
    ends = END_LOOP + "\n\n" if call.player == "play" else ""
    lines = list(words)
    function = FUNCTION.format(
        name=f"test_{name}",
        docstring=textwrap.indent(quoted(lines), "    "),
        player=call.player,
        case=call.case,
        seconds=call.seconds,
        ending="\n        end_loop()" if ends else "",
    )
    imports = "\n".join(used_imports(tree, [*filter(kept, tree.body), *ast.parse(ends + function).body]))
    return f"{quoted(header(lines))}\n\n{imports}\n\nimport pytest\n\n\n{ends}{body}\n\n\n{function}"


def header(lines: list[str]) -> list[str]:
    """The docstring of the module."""
    use = "A known defect of stageflow, for its own test suite: expected to fail, strictly, so that the repair has to remove the marker."
    return [lines[0], "", *textwrap.wrap(use, 110), "Needs pytest and stageflow-core, nothing else; skipped where stageflow lacks the API."]


def quoted(lines: Iterable[str]) -> str:
    """A docstring."""
    text = "\n".join(lines).replace("\\", "\\\\").replace('"""', "'''").strip()
    closing = "\n" if "\n" in text or text.endswith('"') else ""
    return f'"""{text}{closing}"""'


def played(tree: ast.Module) -> Call:
    """The call of `main` at the end of a proof."""
    for node in tree.body:
        if is_entry(node):
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "main" and len(call.args) == 2:
                    named = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
                    if {"player", "seconds"} <= set(named):
                        return Call(named["player"], ast.unparse(call.args[1]), named["seconds"])
    raise AgentError("the script does not end with main(scenario, CASE, seconds=..., player=...)")


def is_entry(node: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__"`."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def kept(node: ast.stmt) -> bool:
    """Whether a statement of the script belongs into the test."""
    if isinstance(node, ast.FunctionDef):
        return node.name != "main"
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return not (docstring or isinstance(node, ast.Import | ast.ImportFrom) or is_entry(node))


def without(script: str, dropped: list[ast.stmt]) -> str:
    """The script's text without these statements; at most two blank lines in a row are left."""
    lines = script.splitlines()
    for node in dropped:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        last = node.end_lineno or first
        lines[first - 1 : last] = [""] * (last - first + 1)
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip()


def used_imports(tree: ast.Module, body: Iterable[ast.stmt]) -> Iterator[str]:
    """Import lines of the script that the test still needs, and those of the test function."""
    used: set[object] = set()
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):  # quoted annotations
            used.add(node.value)
    plain = {"contextvars", "gc", "logging"} | ({"asyncio"} & used)
    grouped: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            plain |= {ast.unparse(alias) for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in used}
        elif isinstance(node, ast.ImportFrom):
            names = [ast.unparse(alias) for alias in node.names if (alias.asname or alias.name) in used]
            grouped += [f"from {node.module} import {', '.join(names)}"] if names else []
    yield from (f"import {name}" for name in sorted(plain))
    yield from sorted(grouped)
