"""Puts violations that share a cause together, so that one cause is one finding and two causes are two.

On one target the cause is what the probe declares. Between two targets that differ in a few places, as after one commit, it is the
changed function that the violated case ran.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.court.catalogue import ProbeCard
from agent.court.severity import LEVELS, severity
from agent.court.trials import FOUND, CaseVerdict

FEW = 8
"""Changed places up to which a difference between two targets counts as one change."""

RAISED = re.compile(r" raised in ([\w.<>]+)\(\)$")
"""How an observation says which function of the target an exception came from."""

Changes = frozenset[str]
"""Places that differ: `module:Qual.name` of a function, `module:` for what stands outside of functions."""


@dataclass(frozen=True)
class Suspicion:
    """Violations with one cause.

    Attributes:
        cause: as declared, or the changed function, or the key of the only violation.
        rows: one violated case per probe and component, the one to prove first in front.
    """

    cause: str
    rows: tuple[CaseVerdict, ...]


def by_declaration(rows: Iterable[CaseVerdict], cards: Mapping[str, ProbeCard]) -> list[Suspicion]:
    """Violations of one target by the function their exception came from or their declared cause; grave and short ones in front."""
    return grouped(
        rows,
        lambda row: cause_of(cards[row.probe], row, row.entered) or row.cause or row.key,
        lambda row: cards[row.probe].explorable - 2 * LEVELS.index(severity(cards[row.probe])),
    )


def by_change(rows: Iterable[CaseVerdict], changes: Changes) -> list[Suspicion]:
    """Differences between two targets by the changed place that explains most of them, the case that runs least code in front.

    `rows` know which functions they `entered`. A difference that ran nothing of what changed stands alone.
    """
    listed = list(rows)
    suspects = {row.key: {place for place in changes if ran(row, place)} for row in listed}
    chosen: dict[str, str] = {}
    while open_keys := [key for key, places in suspects.items() if places and key not in chosen]:
        counts = {place: sum(place in suspects[key] for key in open_keys) for key in open_keys for place in suspects[key]}
        best = max(sorted(counts), key=lambda place: counts[place])
        chosen |= {key: best for key in open_keys if best in suspects[key]}
    return grouped(listed, lambda row: chosen.get(row.key, row.cause or row.key), lambda row: len(row.entered))


def cause_of(card: ProbeCard, row: CaseVerdict, entered: Iterable[str]) -> str:
    """The function of the target that a violation comes from, `module:Qual.name`, or what the probe declares in its place; "" when open.

    What the probe declares counts when the violated case has entered that function; a mistake of a page has no function to enter.
    Otherwise an exception that the target raised gives the innermost function of that name that was entered.
    """
    places = list(entered)
    declared = row.cause or card.cause
    if declared.startswith("docs:") or declared.partition(" #")[0] in places:
        return declared
    raised = RAISED.search(row.observed)
    return next((place for place in reversed(places) if raised and place.rpartition(".")[2].rpartition(":")[2] == raised[1]), "")


def grouped(rows: Iterable[CaseVerdict], cause: Callable[[CaseVerdict], str], rank: Callable[[CaseVerdict], int]) -> list[Suspicion]:
    """Suspicions in order of their causes' first appearance; rows by rank."""
    found: dict[str, list[CaseVerdict]] = {}
    for row in rows:
        found.setdefault(cause(row), []).append(row)
    return [
        Suspicion(name, tuple(sorted(members, key=lambda r: (rank(r), r.case.startswith(FOUND), r.key)))) for name, members in found.items()
    ]


def ran(row: CaseVerdict, place: str) -> bool:
    """Whether a case ran a place; code outside of functions counts as run by every function of its module."""
    module, _, name = place.partition(":")
    return any(entered == place if name else entered.partition(":")[0] == module for entered in row.entered)


def changed(ours: Path, theirs: Path) -> Changes:
    """Places in which two packages differ; comments, formatting and docstrings do not count."""
    left, right = (
        {file.relative_to(package): file.read_text(encoding="utf-8") for file in package.rglob("*.py")} for package in (ours, theirs)
    )
    found: set[str] = set()
    for name in sorted(left.keys() | right.keys()):
        if left.get(name) != right.get(name):
            before, after = (places(module_name(ours.name, name), texts.get(name, "")) for texts in (left, right))
            found |= {place for place in before.keys() | after.keys() if before.get(place) != after.get(place)}
    return frozenset(found)


def module_name(package: str, file: Path) -> str:
    """Dotted name of a module file, given relative to its package."""
    parts = (package, *file.with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def places(module: str, text: str) -> dict[str, str]:
    """Every place of a module with its code; a nested function is a place of its own."""
    found = {f"{module}:": ""}
    collect(ast.parse(text), module, "", found)
    return found


def collect(node: ast.AST, module: str, prefix: str, found: dict[str, str]) -> None:
    """Add the places below a node; `prefix` is the qualified name so far, with its dot."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                name = f"{prefix}{child.name}"
                collect(child, module, f"{name}.<locals>.", found)
                key = f"{module}:{name}"
                found[key] = found.get(key, "") + shallow(child)
            case ast.ClassDef():
                collect(child, module, f"{prefix}{child.name}.", found)
                found[f"{module}:"] += ast.dump(ast.ClassDef(child.name, child.bases, child.keywords, [], child.decorator_list))
            case ast.stmt() if not prefix.endswith("<locals>."):
                collect(child, module, prefix, found)
                found[f"{module}:"] += shallow(child)
            case _:
                collect(child, module, prefix, found)


def shallow(node: ast.stmt) -> str:
    """A statement's code without the functions and classes defined in it, and without docstrings."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return ""
    copy = ast.parse(ast.unparse(node)).body[0]
    Shell(copy).visit(copy)
    return ast.dump(copy)


class Shell(ast.NodeTransformer):
    """Takes nested definitions and bare constants out."""

    def __init__(self, root: ast.AST) -> None:
        self._root = root

    def visit(self, node: ast.AST) -> ast.AST | None:
        """Keep the root, drop definitions and constant statements below it."""
        definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if node is not self._root and (definition or constant):
            return None
        kept: ast.AST = self.generic_visit(node)
        return kept
