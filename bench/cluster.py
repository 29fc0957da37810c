"""One worker against two, and what the death of a worker costs; the same with processes of one machine.

    python -m bench.cluster [--entries CORE-001,CORE-002,...] [--json FILE] [--no-postgres]

A mission before the measurement puts on the shelf what all of them share, so that one and two begin alike. Every mission gets one
sandboxed process at a time (--jobs 1). Checkpoints of the workers are in PostgreSQL where that can be started. Exit code 0 when
every batch finished all its missions, and the killed one lost, doubled and executed nothing again.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import postgres
from bench.nodes import cluster, on_worker
from bench.rows import ROOT
from bench.soak.ends import doubled, executed_again, findings

CHEAP = "CORE-002,CORE-005,CORE-006,CORE-001"
FIRST = "CORE-003"
"""Fills the shelf."""
LONGEST = 3600.0


def batch(runs: Path, shelf: Path, entries: str, more: Sequence[str], environ: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a batch."""
    runs.mkdir(parents=True, exist_ok=True)
    options = ["--entry", entries, "--runs", str(runs), "--shared", str(shelf), "--search", "offline", "--provider", "none"]
    command = [sys.executable, "-m", "agent", "--batch", *options, *more]
    with (runs / "said").open("ab") as stream:
        return subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream, env=dict(environ))


class Bench:
    """One measurement after the other, in a folder of its own."""

    def __init__(self, place: Path, entries: str, store: postgres.Server | None) -> None:
        self._place, self._entries, self._store = place, entries, store
        self._environ = store.environment if store else dict(os.environ)
        self._shelf = place / "shelf"

    def fill(self) -> None:
        """Put on the shelf what every mission takes from it."""
        process = batch(self._place / "fill", self._shelf, FIRST, [], self._environ)
        try:
            if code := process.wait(timeout=LONGEST):
                raise RuntimeError(f"{FIRST} did not finish: exit code {code}, see {self._place / 'fill'}")
        finally:
            process.kill()

    def timed(self, name: str, more: Sequence[str], kill: bool = False) -> dict[str, Any]:
        """Seconds of a batch, and what its runs came to; `kill`: the worker of its first mission, once that is on its way."""
        runs, shelf = self._place / name, self._place / f"{name}-shelf"
        shutil.copytree(self._shelf, shelf)
        began = time.monotonic()
        process = batch(runs, shelf, self._entries, more, self._environ)
        try:
            if kill:
                os.kill(on_worker(runs, self._entries.partition(",")[0], calls=30), 9)
            code = process.wait(timeout=LONGEST)
        finally:
            process.kill()
        folders = sorted(runs.glob("*/run-*"))
        print(f"{name}: {time.monotonic() - began:.1f} s, exit code {code}", flush=True)
        return {
            "seconds": round(time.monotonic() - began, 1),
            "exit": code,
            "runs": len(folders),
            "findings": {folder.parent.name: sorted(map(list, findings(folder).elements())) for folder in folders},
            "executed_again": [call for folder in folders for call in executed_again(folder)],
            "doubled": [row for folder in folders for row in doubled(folder)],
        }

    def local(self, jobs: int) -> dict[str, Any]:
        """Processes of this machine."""
        return self.timed(f"local-{jobs}", ["--jobs", str(jobs)])

    def workers(self, count: int, kill: bool = False) -> dict[str, Any]:
        """Workers of a scheduler."""
        name = f"dask-{count}{'-killed' if kill else ''}"
        with cluster([ROOT] * count, self._place / f"{name}-nodes", self._environ) as (address, _):
            more = ["--backend", "dask", "--scheduler", address, "--jobs", "1"]
            return self.timed(name, [*more, *(["--checkpoints", self._store.url] if self._store else [])], kill)


def summed_up(rows: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Ratios, the cost of a death, and what is wrong."""
    wrong = [name for name, row in rows.items() if row["exit"] or row["executed_again"] or row["doubled"]]
    wanted, found = rows["dask-2"].pop("findings"), rows["dask-2-killed"].pop("findings")
    lost = {entry: [row for row in wanted[entry] if row not in found.get(entry, [])] for entry in wanted}
    for row in rows.values():
        row.pop("findings", None)
    return {
        "rows": rows,
        "two_against_one": {kind: round(rows[f"{kind}-1"]["seconds"] / rows[f"{kind}-2"]["seconds"], 2) for kind in ("local", "dask")},
        "death_costs_seconds": round(rows["dask-2-killed"]["seconds"] - rows["dask-2"]["seconds"], 1),
        "lost_by_death": {entry: gone for entry, gone in lost.items() if gone},
        "wrong": wrong,
    }


@contextlib.contextmanager
def database(wanted: bool) -> Iterator[postgres.Server | None]:
    """A server where there can be one."""
    if not wanted or postgres.absent():
        yield None
        return
    with postgres.server() as made:
        yield made


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", default=CHEAP)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-postgres", action="store_true")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))  # nodes and server end with the measurement
    with tempfile.TemporaryDirectory() as temp, database(not args.no_postgres) as store:
        bench = Bench(Path(temp), args.entries, store)
        bench.fill()
        rows = {"local-1": bench.local(1), "local-2": bench.local(2), "dask-1": bench.workers(1), "dask-2": bench.workers(2)}
        rows["dask-2-killed"] = bench.workers(2, kill=True)
    result = {
        "machine": {"cores": os.cpu_count(), "platform": platform.platform()},
        "entries": args.entries.split(","),
        "checkpoints": "PostgreSQL" if store else "SQLite",
        **summed_up(rows),
    }
    print(json.dumps(result, indent=2))
    if args.json:
        args.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return int(bool(result["wrong"] or result["lost_by_death"]))


if __name__ == "__main__":
    sys.exit(main())
