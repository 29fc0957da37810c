"""All mutants of a package, and an even sample of them."""

import ast
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.mutants.operators import OPERATORS, Enums, call_name
from bench.mutants.source import Edit, Source

RARE = {
    "none-or-empty": 3.0,
    "assignment-lost": 2.0,
    "wrong-number": 1.5,
    "copy-dropped": 1.5,
    "caught-more": 3.0,
    "caught-less": 2.0,
    "leak": 4.0,
    "cleaning-dropped": 2.0,
}
"""Kinds that come later in a sample, because many of them change nothing or because every function has one; 1 for the others."""
LATE = ("testing.py", "helpers/mocks.py")
"""Modules whose mutants come last: nobody runs them in production."""
SILENT = {"debug", "info", "warning", "error", "exception", "critical", "log", "warn", "_debug_log"}
"""Calls that only tell."""


@dataclass(frozen=True)
class Mutant:
    """One planted fault.

    Attributes:
        file: module, as a path below the package.
        function: qualified name of what encloses it; a class for its body; empty for the module's.
        kind: what was done.
    """

    file: str
    function: str
    line: int
    kind: str
    edits: tuple[Edit, ...]

    @property
    def id(self) -> str:
        """Short and stable while the source stays the same."""
        edit = self.edits[0]
        return f"{self.file}@{edit.start}-{edit.end}:{self.kind}:{edit.new[:24]!r}"


def enumerations(package: Path) -> Enums:
    """The enumerations that the package declares."""
    found: Enums = {}
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Enum") for base in node.bases):
                members = [
                    item.targets[0].id for item in node.body if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name)
                ]
                if len(members) > 1:
                    found[node.name] = members
    return found


def skipped(node: ast.AST) -> bool:
    """Documentation, logging, typing and representation: a fault there is not a fault of behaviour."""
    if isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        return isinstance(call, ast.Constant) or call_name(call) in SILENT
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name in {"__repr__", "__str__", "__all__"}
    if isinstance(node, ast.ClassDef):
        return any("Protocol" in ast.unparse(base) for base in node.bases)
    if isinstance(node, ast.If):
        return "TYPE_CHECKING" in ast.unparse(node.test)
    if isinstance(node, ast.Assign):
        return "AVAILABLE" in ast.unparse(node.targets[0])
    return isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Assert)


def children(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that do something when they run: no annotations, no decorators, no messages of errors."""
    if isinstance(node, ast.Raise):
        return
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases"}:
            continue
        yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST))


def mutants(source: Source, file: str, enums: Enums) -> Iterator[Mutant]:
    """Every mutant of one module; a few of them may not parse."""
    seen: set[tuple[Edit, ...]] = set()

    def visit(node: ast.AST, scope: tuple[str, ...], line: int) -> Iterator[Mutant]:
        if skipped(node):
            return
        line = getattr(node, "lineno", line)
        if isinstance(node, ast.ClassDef):
            scope = (*scope, node.name)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            scope = (*scope, node.name, "<locals>")
        for operator in OPERATORS:
            for change in operator(node, source, enums):
                if change is None or (change.kind == "assignment-lost" and "__init__" in scope):
                    continue
                if change.edits not in seen:
                    seen.add(change.edits)
                    yield Mutant(file, ".".join(scope).removesuffix(".<locals>"), line, change.kind, change.edits)
        for child in children(node):
            yield from visit(child, scope, line)

    yield from visit(source.tree, (), 1)


def all_mutants(sources: Mapping[str, Source], enums: Enums) -> list[Mutant]:
    """The mutants of all modules."""
    return [mutant for file, source in sources.items() for mutant in mutants(source, file, enums)]


def read_sources(package: Path) -> dict[str, Source]:
    """All modules by path."""
    files = sorted(package.rglob("*.py"))
    return {file.relative_to(package).as_posix(): Source(file.read_text(encoding="utf-8")) for file in files}


def one_per_kind_first(group: Sequence[Mutant], rng: random.Random) -> list[Mutant]:
    """A random order in which every kind comes once before any comes again."""
    ranked = sorted(group, key=lambda mutant: rng.random() * RARE.get(mutant.kind, 1.0))
    firsts = list({mutant.kind: mutant for mutant in reversed(ranked)}.values())[::-1]
    return firsts + [mutant for mutant in ranked if mutant not in firsts]


def sample(found: Sequence[Mutant], sources: Mapping[str, Source], seed: int, per_function: int) -> list[Mutant]:
    """A few mutants of every function, of different kinds, spread so that each beginning of the list represents the package."""
    rng = random.Random(seed)
    groups: dict[tuple[str, str], list[Mutant]] = defaultdict(list)
    for mutant in found:
        groups[mutant.file, mutant.function].append(mutant)
    placed: list[tuple[bool, float, Mutant]] = []
    for (file, _), group in sorted(groups.items()):
        sound = (mutant for mutant in one_per_kind_first(group, rng) if sources[file].differs(mutant.edits))
        placed += [(file in LATE, at + rng.random(), mutant) for at, mutant in enumerate(islice(sound, per_function))]
    return [mutant for *_, mutant in sorted(placed, key=lambda place: place[:2])]
