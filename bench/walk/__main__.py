"""Types every command of the README into a clean Debian, as a newcomer would, and compares what ends otherwise than the page says.

    python -m bench.walk [--root FOLDER] [--from N] [--until N] [--list] [--json FILE]

A command is a line that begins with `$ ` in a code block; one that ends with `; echo $?` must end with the last number that the page
shows below it, any other one with 0. None may tell a traceback. The place is made by debootstrap (as root) and has python3 with venv
and pip, make and git; the checkout is a clone of this one, what was committed. All commands share one shell, one after the other, from
the top. What they said is kept in FOLDER/said. Exit code 0 when all ended as the page says.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.rows import ROOT
from bench.walk.page import FIRST, Step, steps
from bench.walk.place import PROJECT, entered, made

PATIENCE = 1_800
"""Seconds for one command; the longest runs four missions."""


def main() -> int:
    """Make the place, walk, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.walk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, help="the place, made when it is not there; default: a folder that is deleted afterwards")
    parser.add_argument("--from", type=int, default=0, dest="first", metavar="N", help="number of the first command; 0 sets up")
    parser.add_argument("--until", type=int, default=sys.maxsize, metavar="N", help="number of the last command")
    parser.add_argument("--list", action="store_true", help="the commands and their numbers, nothing else")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    page = steps((ROOT / "README.md").read_text(encoding="utf-8"))
    if args.list:
        print(
            "\n".join(f"{number:3}  {step.command}{f'   ({step.left_out})' if step.left_out else ''}" for number, step in enumerate(page))
        )
        return 0
    with tempfile.TemporaryDirectory() as temp:
        root = args.root or Path(temp) / "place"
        made(root, say=lambda text: print(text, file=sys.stderr, flush=True))
        rows = walked(root, [(n, step) for n, step in enumerate(page) if args.first <= n <= args.until])
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    typed = [row for row in rows if not row["left_out"]]
    wrong = [row for row in typed if row["wrong"]]
    print(f"{len(typed)} commands typed, {len(wrong)} ended otherwise than the page says; {len(rows) - len(typed)} left out")
    return int(bool(wrong))


def walked(root: Path, page: list[tuple[int, Step]]) -> list[dict[str, Any]]:
    """Type the commands into one shell of the place; a row for each."""
    said = root / "said"
    said.mkdir(exist_ok=True)
    shell = subprocess.Popen(entered(root, ["bash", "--norc"]), stdin=subprocess.PIPE, text=True, start_new_session=True)
    assert shell.stdin
    shell.stdin.write(f"cd {PROJECT}; shopt -s expand_aliases; [ -e .venv ] && . .venv/bin/activate\n")
    rows = []
    try:
        for number, step in page:
            row: dict[str, Any] = {"number": number, "command": step.command, "left_out": step.left_out, "wrong": ""}
            rows.append(row)
            if not step.left_out:
                row |= typed(shell, number, step, said / str(number))
            print(
                f"{number:3}  {row.get('seconds', 0):6.1f} s  {row['wrong'] or step.left_out or 'as told':40}  {step.command[:120]}",
                flush=True,
            )
    finally:
        shell.stdin.close()
        shell.kill()
        shell.wait()
    return rows


def typed(shell: "subprocess.Popen[str]", number: int, step: Step, said: Path) -> dict[str, Any]:
    """Type one command and wait until it has ended."""
    assert shell.stdin
    for file in (said, ended := said.with_suffix(".code")):
        file.unlink(missing_ok=True)
    inside = f"/said/{number}"
    after = " . .venv/bin/activate;" if step.command.startswith(FIRST) else ""
    shell.stdin.write(f"{{ {step.command}\n}} > {inside} 2>&1 < /dev/null; echo $? > {inside}.tmp; mv {inside}.tmp {inside}.code;{after}\n")
    shell.stdin.flush()
    began = time.monotonic()
    while not ended.exists() and time.monotonic() - began < PATIENCE and shell.poll() is None:
        time.sleep(0.1)
    code = ended.read_text().strip() if ended.exists() else ""
    text = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
    return {"seconds": round(time.monotonic() - began, 1), "wrong": step.wrong(code, text)}


if __name__ == "__main__":
    if os.geteuid():
        sys.exit("error: needs root, to make a place and to enter it")
    sys.exit(main())
