"""Plays the hostile programs of tests/sandbox in every mode of the sandbox and as every user that can be had, and prints what got through.

    python -m bench.sandbox [--modes bubblewrap,landlock,rlimits] [--all] [--json bench/results/sandbox.json]

The table has a row for each attack: `-` is stopped, `THROUGH` is not; the result file says what happened. Without `--all` it leaves out
attacks that are stopped everywhere.
Exit code 0 when nothing gets through in the strongest mode that works here, which is the default of a mission; 1 otherwise.
"""

import argparse
import json
import platform
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.rows import ROOT
from tests.sandbox.hostile import TABLE
from tests.sandbox.users import User, played, users
from tools.sandbox import KINDS, choose, survey

WIDTH = 140
"""Columns of the table in a file."""
Column = tuple[str, User]
"""Mode and user."""
Results = dict[Column, dict[str, list[str]]]
"""What happened outside, by column and attack."""


def arguments() -> argparse.Namespace:
    """Of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.sandbox", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--modes", default=",".join(KINDS), help="modes, with commas between them (default: all)")
    parser.add_argument("--all", action="store_true", help="also print attacks that are stopped everywhere")
    parser.add_argument("--json", type=Path, default=ROOT / "bench/results/sandbox.json", metavar="FILE", help="result file")
    return parser.parse_args()


def play(modes: list[str], console: Console) -> Results:
    """Play every mode that works as every user."""
    results: Results = {}
    for row in survey():
        if row.name not in modes:
            continue
        if not row.works:
            console.print(f"{row.name} does not work here: {row.reason}", markup=False)
            continue
        for user in users():
            report = played(row.name, user)
            results[row.name, user] = {attack["name"]: attack["through"] for attack in report["rows"]}
            through = sum(bool(found) for found in results[row.name, user].values())
            console.print(f"{row.name} as {user}: {through} of {len(report['rows'])} got through, {report['seconds']} s", markup=False)
    return results


def table(results: Results, everything: bool) -> Table:
    """Attack x mode and user."""
    made = Table(title="Attacks on the sandbox", title_justify="left")
    for head in ("against", "attack", *(f"{mode}\n{user}" for mode, user in results)):
        made.add_column(head, no_wrap=True)
    for name, attack in sorted(TABLE.items(), key=lambda item: (item[1].against, item[0])):
        found = [rows[name] for rows in results.values()]
        if everything or any(found):
            made.add_row(attack.against, name, *("[red]THROUGH[/]" if row else "-" for row in found))
    return made


def kept(results: Results, strongest: str, file: Path) -> dict[str, Any]:
    """For the result file; columns that were not played now stay in it."""
    before = json.loads(file.read_text(encoding="utf-8"))["columns"] if file.exists() else []
    columns = [
        {
            "mode": mode,
            "user": user,
            "attacks": len(rows),
            "through": {name: found for name, found in sorted(rows.items()) if found},
        }
        for (mode, user), rows in results.items()
    ]
    columns += [column for column in before if (column["mode"], column["user"]) not in results]
    return {"kernel": platform.release(), "machine": platform.machine(), "default_mode": strongest, "columns": columns}


def main() -> int:
    """Play, print, judge."""
    args, console = arguments(), Console()
    if not console.is_terminal:
        console.width = WIDTH
    strongest = choose("auto").name
    results = play(args.modes.split(","), console)
    console.print(table(results, args.all))
    if len(users()) == 1:
        console.print("note: played as one user only; root can also play as an ordinary user when there is a Python that one may run")
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(kept(results, strongest, args.json), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    lost = [f"{user}: {name}" for (mode, user), rows in results.items() if mode == strongest for name, found in rows.items() if found]
    console.print(f"{len(TABLE)} attacks, default mode {strongest}: {len(lost)} got through", markup=False)
    return 1 if lost or not any(mode == strongest for mode, _ in results) else 0


if __name__ == "__main__":
    sys.exit(main())
