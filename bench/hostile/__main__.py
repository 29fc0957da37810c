"""Lets the hostile texts of tests/hostile in through the doors of the agent and prints text, door and effect.

    python -m bench.hostile [--all] [--json bench/results/hostile.json]

Exit code 0 when no text has an effect; 1 otherwise. Without `--all` it prints the doors, and texts that have an effect.
"""

import argparse
import json
import platform
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from rich.table import Table

from agent.reporting.screen import Screen
from bench.rows import code
from tests.hostile.chromium import CHROMIUM
from tests.hostile.doors import Row, played
from tests.hostile.world import world

WIDTH = 140
"""Columns of the table in a file."""


def arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.hostile", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", action="store_true", help="print every text at every door")
    parser.add_argument("--json", type=Path, metavar="FILE", help="result file")
    return parser.parse_args()


def table(rows: list[Row]) -> Table:
    """Text x door."""
    made = Table(title="Hostile texts", title_justify="left")
    for head in ("kind", "text", "came in as", "effect"):
        made.add_column(head, overflow="fold")
    for row in rows:
        made.add_row(row.kind, row.text, row.door, "; ".join(row.effects).replace("[", "\\[") or "none")
    return made


def main() -> int:
    """Play, print, judge."""
    args, console, began = arguments(), Screen(), time.monotonic()
    if not console.is_terminal:
        console.width = WIDTH
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder, world(Path(folder)) as outside:
        rows = list(played(outside, everything=True))
    acted = [row for row in rows if row.effects]
    if args.all or acted:
        console.print(table(rows if args.all else acted))
    doors = dict(Counter(row.door for row in rows))
    for door, number in doors.items():
        console.print(f"{door:18} {number:3} texts, {sum(row.door == door for row in acted)} with an effect", markup=False, highlight=False)
    if not CHROMIUM:
        console.print("note: no Chromium on this machine; the page was parsed only")
    texts, seconds = len({row.text for row in rows}), round(time.monotonic() - began, 1)
    told = f"{texts} hostile texts, {len(rows)} times let in through {len(doors)} doors: {len(acted)} with an effect, {seconds} s"
    console.print(told, markup=False, highlight=False)
    if args.json:
        kept = {
            "code": code("tests/hostile"),
            "python": platform.python_version(),
            "texts": texts,
            "seconds": seconds,
            "doors": dict(doors),
        }
        listed = [{"text": row.text, "kind": row.kind, "door": row.door, "effects": row.effects} for row in rows]
        args.json.write_text(json.dumps(kept | {"rows": listed}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if acted or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
