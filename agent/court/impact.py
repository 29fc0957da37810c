"""Which cases a change can reach at all: those that, on the other target, ran a function that was changed, or something unseen.

Regression test selection by the functions each case enters, as in Ekstazi (Gligoric, Eloussi, Marinov: ISSTA 2015) on the level of methods.
It is sound for changes within function bodies only; for any other change every case is played.
"""

import ast
import json
from collections.abc import Iterable
from pathlib import Path

from agent.core.files import write_json
from agent.core.tool import ToolContext
from agent.court.causes import FEW, Changes
from agent.court.trials import CaseVerdict
from tools.run_code import run_python

ELSEWHERE = "*"
"""As in `components.lab.observe`: what ran could not be watched."""
IMPORT_SECONDS = 60.0

Case = tuple[str, str]
"""Probe and case id."""


def contained(ours: Path, theirs: Path, changes: Changes) -> bool:
    """Whether the two packages are the same but for the bodies of a few functions that both have."""
    if not 0 < len(changes) <= FEW:
        return False
    left, right = ({file.relative_to(root): file.read_text(encoding="utf-8") for file in root.rglob("*.py")} for root in (ours, theirs))
    if left.keys() != right.keys():
        return False
    names = {place.rpartition(":")[2] for place in changes}
    different = [name for name in left if left[name] != right[name]]
    return all(hollow(left[name], names) == hollow(right[name], names) for name in different)


def hollow(text: str, names: set[str]) -> str:
    """A module without the statements of the named functions; their signatures, decorators and docstrings stay."""
    tree = ast.parse(text)
    empty(tree, "", names)
    return ast.dump(tree)


def empty(node: ast.AST, prefix: str, names: set[str]) -> None:
    """Take the statements out of the named functions below a node; `prefix` is the qualified name so far."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                empty(child, f"{prefix}{child.name}.<locals>.", names)
                if f"{prefix}{child.name}" in names:
                    child.body = child.body[:1] if ast.get_docstring(child) is not None else [ast.Pass()]
            case ast.ClassDef():
                empty(child, f"{prefix}{child.name}.", names)
            case _:
                empty(child, prefix, names)


def on_import(context: ToolContext) -> set[str] | None:
    """Functions of the target that run while it is imported; None when that could not be seen."""
    packages = (context.settings.project / "components",)
    outcome = run_python(["-m", "components.lab.imports"], context=context, seconds=IMPORT_SECONDS, packages=packages)
    return set(json.loads(outcome.stdout)) if outcome.exit_code == 0 and outcome.stdout.startswith(b"[") else None


class Footprints:
    """The functions of a target that each case enters.

    Attributes:
        names: all of them; cases refer to them by number.
        cases: by case; cases that are not in here are unknown.
        imported: what the import of the target enters.
    """

    def __init__(self, names: list[str], cases: dict[Case, frozenset[int]], imported: frozenset[int]) -> None:
        self.names, self.cases, self.imported = names, cases, imported

    @classmethod
    def of(cls, rows: Iterable[CaseVerdict], imported: set[str]) -> "Footprints":
        """From rows that know what they entered."""
        known: dict[str, int] = {}

        def numbers(names: Iterable[str]) -> frozenset[int]:
            return frozenset(known.setdefault(name, len(known)) for name in names)

        cases = {(row.probe, row.case): numbers((*row.entered, *row.before)) for row in rows if row.entered}
        first = numbers(imported)
        return cls(list(known), cases, first)

    def untouched(self, changes: Changes) -> set[Case]:
        """Cases that cannot notice the changes of these function bodies."""
        changed = {number for number, name in enumerate(self.names) if name in changes or name == ELSEWHERE}
        if changed & self.imported:
            return set()
        return {case for case, entered in self.cases.items() if not changed & entered}

    def save(self, file: Path) -> None:
        """Write it down."""
        rows = [[probe, case, sorted(entered)] for (probe, case), entered in self.cases.items()]
        write_json(file, {"names": self.names, "cases": rows, "imported": sorted(self.imported)})

    @classmethod
    def load(cls, file: Path) -> "Footprints":
        """Read what was saved."""
        kept = json.loads(file.read_bytes())
        return cls(
            kept["names"], {(probe, case): frozenset(entered) for probe, case, entered in kept["cases"]}, frozenset(kept["imported"])
        )
