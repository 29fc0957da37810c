"""Runs the pipelines of every roadmap entry on the installed stageflow and lists what came to no verdict: there our own data may be wrong.

python -m bench.roadmap [--kits] [--only ID,ID] [--tests baseline-correctness,...]

A check is unknown when its control in plain Python fails, when its test breaks, or when there was nothing to see.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.core.roadmap import Entry, load_roadmap
from agent.core.settings import project_root
from agent.workload import datasets, lab_files, pipeline_code, pipeline_tests, services_code

EXPECTED = {"recovery-idempotency-key:effects-not-repeated"}
"""Unknown on a release whose idempotency interceptor loses the first request's effects."""
SECONDS = 90


def materialise(entry: Entry, root: Path) -> Path:
    """Write everything that the pipelines need into `root`."""
    made = datasets(entry, 1) | services_code(entry) | lab_files()
    for path, text in (made | {f"pipelines/{name}": text for name, text in pipeline_code(entry).items()}).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def unknown_checks(entry: Entry, root: Path, wanted: Sequence[str]) -> Iterator[str]:
    """Run the wanted tests of an entry; what broke or came to no verdict."""
    for test in pipeline_tests(entry):
        if wanted and test.id not in wanted:
            continue
        command = [sys.executable, str(root / "pipelines" / f"{test.pipeline}.py"), "--test", test.id]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode:
            yield f"{test.id} broke: {done.stdout.strip().splitlines()[-1:] or done.stderr[-300:]}"
            continue
        checks = json.loads((root / f"results/metrics/{test.id}.json").read_text(encoding="utf-8"))["checks"]
        yield from (f"{test.id}:{c['id']}: {c['observed'][:300]}" for c in checks if c["verdict"] == "unknown")


def chosen(entries: dict[str, Entry], args: argparse.Namespace) -> list[Entry]:
    """All entries, those named, or the first of every shape of graph."""
    if args.only:
        return [entries[name] for name in args.only.split(",")]
    if not args.kits:
        return list(entries.values())
    shapes = {tuple((s.name, s.kind) for s in entry.workload.stages): entry for entry in reversed(entries.values())}
    return list(shapes.values())


def main() -> int:
    """1 when an entry has an unknown check that is not expected."""
    options = argparse.ArgumentParser(prog="python -m bench.roadmap", description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--kits", action="store_true", help="one entry of each shape of graph")
    options.add_argument("--only", default="", metavar="ID,ID")
    options.add_argument("--tests", default="", metavar="ID,ID", help="only these pipeline tests")
    args = options.parse_args()
    entries = chosen(load_roadmap(project_root() / "docs/roadmap"), args)
    wrong = 0
    for entry in entries:
        with tempfile.TemporaryDirectory() as folder:
            found = list(unknown_checks(entry, materialise(entry, Path(folder)), [t for t in args.tests.split(",") if t]))
        bad = [line for line in found if not line.startswith(tuple(EXPECTED))]
        wrong += bool(bad)
        print(f"{entry.id}: {len(bad)} unknown" + "".join(f"\n    {line}" for line in bad), flush=True)
    print(f"{len(entries)} entries, {wrong} with checks that came to no verdict")
    return int(bool(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
