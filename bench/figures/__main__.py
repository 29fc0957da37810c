"""Prints every figure beside its floors and peers, measured in the same run, and keeps them.

    python -m bench.figures [--only steps,starts,...] [--rounds 5] [--json bench/results.json] [--table]

Cold processes, taken by turns; told are medians. Peers are installed into environments of the bench's own (`.cache/bench/`). With --only
the other figures stay as the file has them; --table measures nothing and prints the file as the README shows it. The charts of the
README are drawn anew from its own file. A figure whose peers cannot be installed is left out and named. Exit code 0 when every figure was
measured that was asked for, and keeps its limit.
"""

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import missions, peers, probing, records, starts, steps
from bench.figures.figure import LIMITS, Samples, markdown, row_of, table_rows
from bench.rows import ROOT

MEASURES: Mapping[str, Callable[[int], dict[str, Samples]]] = {
    "steps": steps.measure,
    "looks": starts.looks,
    "first-call": starts.first_calls,
    "installed": starts.installed,
    "probe": probing.cases,
    "explorer": probing.explored,
    "documents": records.documents,
    "ledger": records.ledger,
    "logs": records.logs,
    "mission": missions.mission,
    "check": missions.check,
}

RESULTS = ROOT / "bench/results.json"
"""What README and its charts show."""


def main() -> int:
    """Measure, keep, print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="print what the file holds, as a table for the README")
    args = parser.parse_args()
    if args.table:
        print(markdown(json.loads(args.json.read_text(encoding="utf-8"))))
        return 0
    names = args.only.split(",")
    if unknown := [name for name in names if name not in MEASURES]:
        parser.error(f"--only: {', '.join(unknown)} is not among {', '.join(MEASURES)}")
    found: dict[str, dict[str, Any]] = {}
    left_out: list[str] = []
    for name in names:
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        try:
            found |= {figure: row_of(figure, samples) for figure, samples in MEASURES[name](args.rounds).items()}
        except peers.NoPeers as missing:
            left_out.append(f"not measured: {name}: {missing}")
            continue
        keep(args.json, found)
    show(found)
    print(*left_out, sep="\n", end="\n" * bool(left_out), file=sys.stderr)
    if args.json.resolve() == RESULTS:
        draw(args.json)
    return int(bool(left_out) or any(row["kept"] is False for row in found.values()))


def keep(file: Path, found: Mapping[str, Mapping[str, Any]]) -> None:
    """Put what was measured into the file, beside what is in it."""
    kept = {row["figure"]: row for row in json.loads(file.read_text(encoding="utf-8"))["figures"]} if file.exists() else {}
    rows = kept | dict(found)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    figures = [rows[name] for name in LIMITS if name in rows]
    text = json.dumps({"machine": machine, "on": dt.datetime.now(dt.UTC).date().isoformat(), "figures": figures}, indent=2)
    file.write_text(text + "\n", encoding="utf-8")


def draw(file: Path) -> None:
    """The charts of the README, where the package that draws them can be had."""
    try:
        python = peers.environment("charts", peers.CHARTS)
    except peers.NoPeers:
        print("the charts stay as they are: matplotlib cannot be installed", file=sys.stderr)
        return
    subprocess.run([python, Path(__file__).with_name("draw.py"), file, ROOT / "docs/charts"], check=True)


def show(found: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the table."""
    table = Table("figure", "ours", "at most", "kept", "beside it", box=None)
    for row in table_rows(found[name] for name in LIMITS if name in found):
        table.add_row(*row)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
