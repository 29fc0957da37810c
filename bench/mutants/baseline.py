"""What is true of the sound release: verdict of every case, functions it enters, functions there are."""

import ast
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.mutants.score import RUNNER, Bench, CaseId
from bench.mutants.source import Source

ROOT = Path(__file__).parents[2]
TRACER = "from bench.mutants import reach; reach.main()"


def probe_names(library: Path) -> list[str]:
    """All probes, as `<area>/<name>`."""
    home = library / "components/probes"
    return sorted(file.relative_to(home).with_suffix("").as_posix() for file in home.rglob("*.py") if file.name != "__init__.py")


def snapshot(library: Path, out: Path) -> Path:
    """A copy of the probes, so that nobody changes them during a measurement; this package goes with them."""
    copied = out / "library"
    shutil.rmtree(copied, ignore_errors=True)
    for source, part in ((library, "components"), (ROOT, "bench/mutants")):
        shutil.copytree(source / part, copied / part, ignore=shutil.ignore_patterns("__pycache__"))
    return copied


def measure(python: Path, package: Path, library: Path, file: Path, jobs: int, prefixes: Sequence[str] = ()) -> None:
    """Run the cases of the probes whose names begin so twice and once traced, and keep what they say in a file."""
    names = [name for name in probe_names(library) if not prefixes or name.startswith(tuple(prefixes))]

    def said(code: str, text: str) -> dict[CaseId, dict[str, Any]]:
        command = ["nice", "-n", "10", str(python), "-c", code, "--jobs", str(jobs)]
        environ = {"PYTHONPATH": f"{package.parent}:{library}", "PATH": os.environ["PATH"]}
        done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, env=environ, cwd=library, check=True)
        return {(row["probe"], row["case"]): row for row in map(json.loads, done.stdout.splitlines())}

    entered = said(TRACER, "\n".join(names))
    tasks = "".join(json.dumps({"probe": name}) + "\n" for name in names)
    first, second = said(RUNNER, tasks), said(RUNNER, tasks)
    steady = {case: row["verdict"] for case, row in first.items() if second[case]["verdict"] == row["verdict"]}
    rows = [row | {"verdict": steady.get(case, "")} for case, row in entered.items()]
    file.write_text(json.dumps(rows), encoding="utf-8")


def load(bench: Bench) -> Bench:
    """The bench with what `measure` left beside its library."""
    rows = json.loads((bench.library.parent / "baseline.json").read_text(encoding="utf-8"))
    entered = {(row["probe"], row["case"]): frozenset(row["entered"]) for row in rows}
    verdicts = {(row["probe"], row["case"]): row["verdict"] for row in rows if row["verdict"]}
    return replace(bench, entered=entered, baseline=verdicts)


def functions(source: Source) -> Iterator[str]:
    """Qualified name of every function and method, nested ones left out; a body of `...` is none."""

    def visit(node: ast.AST, scope: tuple[str, ...]) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef):
                yield from visit(child, (*scope, child.name))
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and ast.unparse(child.body[-1]) != "...":
                yield ".".join((*scope, child.name))

    yield from visit(source.tree, ())


def entered_functions(sources: Mapping[str, Source], bench: Bench) -> dict[str, Counter[str]]:
    """How many functions each module has, and how many of them no case enters."""
    reached = frozenset().union(*bench.entered.values())
    return {
        file: Counter(functions=len(names), never_entered=sum(f"{file}:{name}" not in reached for name in names))
        for file, source in sources.items()
        if (names := list(functions(source)))
    }


def unreached(sources: Mapping[str, Source], bench: Bench) -> Iterator[str]:
    """Module and name of public functions that no case enters."""
    reached = frozenset().union(*bench.entered.values())
    for file, source in sources.items():
        for name in functions(source):
            private = any(part.startswith("_") and not part.startswith("__") for part in name.split("."))
            if not private and f"{file}:{name}" not in reached:
                yield f"{file}\t{name}"
