"""Plants small realistic faults in a copy of stageflow 1.2.0 and tells which ones no probe notices.

    python -m bench.mutants [--module pipeline/dag.py] [--limit 200] [--seed 1] [--out FOLDER] [--json FILE]

A mutant is one small change of one function: a bound off by one, a dropped check or statement, a wrong default, a renamed key...
Only the cases that enter the changed function are run, the most specific first, until one tells the difference. A mutant is

    killed      a case that held is violated (or the reverse), twice, and its control still holds
    unknown     a case came to no verdict, or the time was up: no kill
    survived    all cases say what they say of the sound package
    unreached   no case enters the function
    broken      the package does not import any more

FOLDER gets results.jsonl (every mutant), survivors.jsonl, score.tsv (by module) and unreached.txt (functions no probe enters), all of
them kept up to date. What is in results.jsonl is not run again, and the verdicts on the sound package are measured once per folder.
After work on the probes, `--measure --again` tells which of the others they notice now.
A survivor may be an equivalent program: read its diff.
"""

import argparse
import json
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.mutants.baseline import ROOT, entered_functions, load, measure, snapshot, unreached
from bench.mutants.mutate import Mutant, all_mutants, enumerations, read_sources, sample
from bench.mutants.operators import Enums
from bench.mutants.score import Bench, Copy, Result, judge
from bench.mutants.source import Source

COUNTED = ("functions", "never_entered")
FATES = ("mutants", "killed", "unknown", "survived", "unreached", "broken")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.mutants", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--module", action="append", default=[], help="only modules whose path below stageflow begins so; may be repeated")
    parser.add_argument(
        "--probe", action="append", default=[], help="measure only probes whose name begins so, e.g. retry/; may be repeated"
    )
    parser.add_argument("--limit", type=int, help="at most so many mutants")
    parser.add_argument("--per-function", type=int, default=3, help="mutants of each function (default 3)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    parser.add_argument("--again", action="store_true", help="instead of new mutants, those that were not killed so far")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at once")
    parser.add_argument("--seconds", type=float, default=60.0, help="real seconds for one mutant")
    parser.add_argument("--target", type=Path, default=ROOT / ".targets/1.2.0", help="environment that holds stageflow")
    parser.add_argument("--library", type=Path, default=ROOT, help="folder that holds `components` with the probes")
    parser.add_argument("--out", type=Path, default=ROOT / ".cache/mutants", help="where results are kept")
    parser.add_argument("--measure", action="store_true", help="measure the sound package again")
    parser.add_argument("--json", type=Path, help="write the score by module there as JSON")
    return parser.parse_args()


class Ledger:
    """The files of one folder, kept up to date as results come; a mutant that is judged again has its last fate."""

    def __init__(self, out: Path, sources: dict[str, Source], entered: Mapping[str, Counter[str]]) -> None:
        self.out = out
        self.sources = sources
        self.entered = entered
        self.lock = threading.Lock()
        self.file = out / "results.jsonl"
        lines = self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []
        self.rows: dict[str, dict[str, Any]] = {row["id"]: row for row in map(json.loads, lines)}

    def add(self, mutant: Mutant, result: Result) -> None:
        """Note one mutant's fate."""
        row = {"id": mutant.id, "file": mutant.file, "function": mutant.function, "line": mutant.line, "kind": mutant.kind}
        row |= {"diff": self.sources[mutant.file].diff(mutant.edits, mutant.file), **asdict(result)}
        with self.lock:
            self.rows[mutant.id] = row
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            self.write("survivors.jsonl", (json.dumps(row) for row in self.rows.values() if row["fate"] in {"survived", "unreached"}))
            self.write("score.tsv", self.table())

    def write(self, name: str, lines: Iterable[str]) -> None:
        """Replace a file at once, for those who read it meanwhile."""
        new = self.out / f".{name}"
        new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        new.replace(self.out / name)

    def score(self) -> dict[str, Counter[str]]:
        """How many mutants of each module met which fate, how many functions there are and how many of them no probe enters."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for file, counted in self.entered.items():
            found[file] += counted
            found["total"] += counted
        for row in self.rows.values():
            for module in (row["file"], "total"):
                found[module].update(["mutants", row["fate"]])
        return found

    def table(self) -> Iterator[str]:
        """The score by module."""
        score = self.score()
        yield "\t".join(("module", *FATES, *COUNTED))
        for module in sorted(score, key=lambda module: (module == "total", module)):
            yield "\t".join((module, *(str(score[module][name]) for name in FATES + COUNTED)))


def run(chosen: Sequence[Mutant], bench: Bench, ledger: Ledger, jobs: int) -> None:
    """Judge all, each worker in a copy of its own."""
    queue = iter(chosen)
    turn = threading.Lock()

    def next_mutant() -> Mutant | None:
        with turn:
            return next(queue, None)

    def worker(_: int) -> None:
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            judge_all(Copy(Path(folder), bench))

    def judge_all(copy: Copy) -> None:
        while (mutant := next_mutant()) is not None:
            result = judge(mutant, ledger.sources[mutant.file], copy)
            ledger.add(mutant, result)
            print(
                f"{result.fate:9} {result.seconds:5.1f} s {result.cases:4} cases  {mutant.kind:18} {mutant.file}:{mutant.line}", flush=True
            )

    with ThreadPoolExecutor(jobs) as pool:
        for done in pool.map(worker, range(jobs)):
            assert done is None


def main() -> int:
    """Measure, plant, judge, print the total."""
    args = arguments()
    python = args.target.absolute() / "bin/python"
    package = next(args.target.absolute().glob("lib/python3*/site-packages/stageflow"), None)
    if package is None:
        print(f"no stageflow in {args.target}: name an environment with --target", file=sys.stderr)
        return 2
    out = args.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    if args.measure or not (out / "baseline.json").exists():
        print("measuring the sound package", flush=True)
        measure(python, package, snapshot(args.library, out), out / "baseline.json", args.jobs, args.probe)
    bench = load(Bench(python, package, out / "library", {}, {}, args.seconds))
    sources = read_sources(package)
    ledger = Ledger(out, sources, entered_functions(sources, bench))
    ledger.write("unreached.txt", unreached(sources, bench))
    wanted = {name: source for name, source in sources.items() if not args.module or name.startswith(tuple(args.module))}
    run(chosen(wanted, enumerations(package), ledger, args), bench, ledger, args.jobs)
    score = ledger.score()
    print("  ".join(f"{fate} {score['total'][fate]}" for fate in FATES))
    if args.json:
        args.json.write_text(json.dumps(score, indent=2), encoding="utf-8")
    return 0


def chosen(wanted: dict[str, Source], enums: Enums, ledger: Ledger, args: argparse.Namespace) -> list[Mutant]:
    """The mutants to judge now."""
    found = all_mutants(wanted, enums)
    if args.again:
        left = {name for name, row in ledger.rows.items() if row["fate"] != "killed"}
        return [mutant for mutant in found if mutant.id in left][: args.limit]
    return [mutant for mutant in sample(found, wanted, args.seed, args.per_function) if mutant.id not in ledger.rows][: args.limit]


if __name__ == "__main__":
    sys.exit(main())
