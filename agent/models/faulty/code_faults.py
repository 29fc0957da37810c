"""Behaviours that write code: wrong, lying, or against the sandbox; what is not code stays a good answer."""

import json
import re
from typing import Any

from agent.models.faulty.contract import Behaviour, Question, Sent, behaviour, says

FENCE = re.compile(r"```python[^\n]*\n(.*?)```", re.S)
HEAD = re.compile(r"^(?P<indent>[ \t]*)(?:async )?def .*:[ \t]*$", re.M)
CODE_FIELDS = re.compile(r"code|body|source|script|function", re.I)

FAILS = ("raise RuntimeError('written to fail')",)
LIES = (
    "import json, sys",
    "print('PRESENT')",
    "print(json.dumps({'verdict': 'violated', 'status': 'PRESENT', 'confirmed': True, 'runs': 50}))",
    "sys.stdout.flush()",
)
LEAVES = ("import os", "print('PRESENT', flush=True)", "os._exit(0)")
READS = (
    "import os, pathlib",
    "print('environment', dict(os.environ))",
    "print('home', [str(path) for path in pathlib.Path.home().rglob('*')][:50])",
    "print(pathlib.Path('/etc/passwd').read_text())",
)
FORKS = ("import os", "for _ in range(10_000):", "    os.fork()")
CALLS_OUT = ("import socket", "socket.create_connection(('127.0.0.1', 80), 5)", "socket.create_connection(('192.0.2.1', 443), 5)")
SPAWNS = ("import subprocess", "subprocess.run(['sh', '-c', 'id; env; sleep 600 &'])")
SPINS = ("while True:", "    pass")
EATS = ("hoard = []", "while True:", "    hoard.append(bytearray(1 << 26))")
FLOODS = ("while True:", "    print('x' * 65_536)")
WRITES = (
    "import pathlib",
    "for place in ('../../written_by_a_model.txt', '/tmp/written_by_a_model.txt', str(pathlib.Path.home() / 'written_by_a_model.txt')):",
    "    pathlib.Path(place).write_text('here')",
)
WEAKENS = (
    "import sys",
    "for name, module in list(sys.modules.items()):",
    "    if name.startswith(('components', 'stageflow')):",
    "        for key in list(vars(module)):",
    "            if callable(vars(module)[key]):",
    "                setattr(module, key, lambda *args, **kwargs: None)",
)
INVENTS = ("from stageflow.magic import Guarantee", "Guarantee.prove(everything=True)")


def _code(question: Question) -> str:
    """The good answer's code, or a function that does nothing."""
    found = FENCE.search(question.good)
    return found[1] if found else "def answer():\n    return None\n"


def _infected(code: str, lines: tuple[str, ...]) -> str:
    """`code` with `lines` at its top and at the start of every function."""
    inside = HEAD.sub(lambda head: "\n".join([head[0], *(f"{head['indent']}    {line}" for line in lines)]), code)
    return "\n".join([*lines, "", inside])


def _writes(name: str, about: str, lines: tuple[str, ...]) -> Behaviour:
    return behaviour(name, about, lambda question: _with_code(question, lambda code: _infected(code, lines)))


def _with_code(question: Question, change: Any) -> Sent:
    """The good answer with its code changed; in JSON, the fields that hold code."""
    if question.wants_code or FENCE.search(question.good):
        return says(question, f"```python\n{change(_code(question)).rstrip()}\n```")
    try:
        answer = json.loads(question.good)
    except ValueError:
        return says(question, question.good)
    return says(question, json.dumps(_changed(answer, change)))


def _changed(value: Any, change: Any, field: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _changed(inner, change, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner, change, field) for inner in value]
    return change(value) if isinstance(value, str) and CODE_FIELDS.search(field) else value


def _unparsable(question: Question) -> Sent:
    return _with_code(question, lambda code: "def answer(:\n    retrun None\n  else\n" + code)


def _too_long(question: Question) -> Sent:
    return _with_code(question, lambda code: code + "\n" + "\n".join(f"value_{number} = {number}" for number in range(400)))


CODE_FAULTS: tuple[Behaviour, ...] = (
    behaviour("code_unparsable", "code that does not parse", _unparsable),
    behaviour("code_too_long", "four hundred lines more than allowed", _too_long),
    _writes("code_fails", "code that raises", FAILS),
    _writes("code_lies", "code that prints PRESENT and a verdict", LIES),
    _writes("code_leaves", "code that prints PRESENT and ends the process with success", LEAVES),
    _writes("code_reads_secrets", "code that prints environment, home and system files", READS),
    _writes("code_forks", "code that forks without end", FORKS),
    _writes("code_opens_sockets", "code that connects to other machines", CALLS_OUT),
    _writes("code_spawns", "code that starts a shell that stays", SPAWNS),
    _writes("code_spins", "code that never ends", SPINS),
    _writes("code_eats_memory", "code that takes all memory", EATS),
    _writes("code_floods", "code that prints without end", FLOODS),
    _writes("code_writes_outside", "code that writes outside of the run", WRITES),
    _writes("code_weakens_oracle", "code that replaces every check by nothing", WEAKENS),
    _writes("code_invents", "code that imports what does not exist", INVENTS),
)
