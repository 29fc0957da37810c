"""Commands that begin where something is missing already: each says one line and ends with its code."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.resources.place import tmpfs
from bench.rows import ROOT
from bench.soak.adding import command as finding
from tests.sandbox.users import NOBODY, NOGROUP

LONGEST = 300.0
FILL = "dd if=/dev/zero of={}/room bs=1M count=600 2>/dev/null; "


@dataclass(frozen=True)
class Start:
    """A case.

    Attributes:
        name: what is missing.
        command: for a shell, in the project's root.
        codes: what it may end with.
        says: words that the first line must hold.
        env: additions to the environment.
    """

    name: str
    command: str
    codes: tuple[int, ...]
    says: str
    env: Mapping[str, str] | None = None


def cases(base: Path, tiny: Path, room: Path) -> Iterator[Start]:
    """All of them: `base` holds a finished run, `tiny` is a disk of 8 MB with few files, `room` is an empty folder."""
    agent = f"{sys.executable} -m agent"
    mission = f"{agent} --entry CORE-001 --search offline --provider none --runs"
    check = f"{agent} check --area retry --minutes 0.2 --json {room}/check.json"
    verify = f"{agent} verify BUG-001 --times 1 --runs {base}"
    words = " ".join(map(_quoted, finding(tiny / "CORE-001/run-2026-01-01-001", "starved")[1:]))
    add = f"mkdir -p {tiny}/CORE-001/run-2026-01-01-001; {FILL.format(tiny)}{sys.executable} add_finding.py {words}"
    yield Start("small disk below --runs", f"{mission} {tiny}", (3,), "disk is nearly full")
    yield Start("no inodes below --runs", f"{mission} {tiny}/../crowded", (3,), "inodes")
    yield Start("read-only folder below --runs", f"{mission} {tiny}/../frozen", (4,), "ead-only")
    yield Start("small disk for the cache: mission", f"{mission} {room}", (3,), "disk is nearly full", {"STAGEFLOW_AGENT_CACHE": str(tiny)})
    yield Start("small disk for the cache: check", check, (3,), "disk is nearly full", {"STAGEFLOW_AGENT_CACHE": str(tiny)})
    yield Start("small disk for temporary files: mission", f"{mission} {room}", (3,), "disk is nearly full", {"TMPDIR": str(tiny)})
    yield Start("small disk for temporary files: check", check, (3,), "disk is nearly full", {"TMPDIR": str(tiny)})
    yield Start("small disk for temporary files: verify", verify, (3,), "disk is nearly full", {"TMPDIR": str(tiny)})
    for name, limit, says in (
        ("handles", "-n 40", "may open"),
        ("file size", "-f 2000", "size of a file"),
        ("memory", "-v 1500000", "memory"),
    ):
        yield Start(f"limit on {name}: mission", f"ulimit {limit}; {mission} {room}", (4,), says)
        yield Start(f"limit on {name}: check", f"ulimit {limit}; {check}", (4,), says)
    yield Start("full disk: add_finding", add, (3,), "full")
    yield Start("read-only disk: add_finding", add.replace(str(tiny), f"{tiny}/../frozen"), (4,), "")
    yield Start(
        "file size: add_finding",
        f"ulimit -f 0; {add.replace(str(tiny), str(room / 'add')).replace(FILL.format(room / 'add'), '')}",
        (3,),
        "large",
    )
    yield Start("full output: runs", f"{agent} runs --runs {base} >/dev/full", (3,), "standard output")
    yield Start("full output: mission", f"{mission} {room} >/dev/full", (3,), "standard output")
    yield Start("closed output: runs", f"{agent} runs --runs {base} >&-", (0,), "")
    yield Start("closed output: mission", f"{mission} {room} --minutes 0.01 >&-", (3,), "minutes")
    yield Start("nobody reads: mission", f"set -o pipefail; {mission} {room} | head -1", (3,), "nobody reads")
    yield Start("nobody reads: runs", f"set -o pipefail; {agent} runs --runs {base} | true", (0,), "")
    yield Start("a path that is too long", f"{mission} {room}/{'/'.join(['y' * 200] * 24)}", (4,), "path is too long")
    yield Start("a name that is too long", f"{mission} {room}/{'z' * 300}", (4,), "path is too long")
    if program := shutil.which("bwrap"):
        ordinary = f"{program} --unshare-user --uid {NOBODY} --gid {NOGROUP} --dev-bind / /"
        yield Start("limit on processes: mission", f"ulimit -u 20; exec {ordinary} {mission} {room}", (3,), "more processes or threads")


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def played(base: Path, temp: Path) -> list[dict[str, Any]]:
    """Every case as a row."""
    rows = []
    with (
        tmpfs(temp / "tiny", "size=8m,nr_inodes=2000") as tiny,
        tmpfs(temp / "crowded", "size=400m,nr_inodes=20"),
        tmpfs(temp / "frozen", "size=400m"),
    ):
        (temp / "frozen/CORE-001/run-2026-01-01-001").mkdir(parents=True)
        subprocess.run(["mount", "-o", "remount,ro", str(temp / "frozen")], check=True)
        for number, start in enumerate(cases(base, tiny, temp / "room")):
            room = temp / "room"
            shutil.rmtree(room, ignore_errors=True)
            room.mkdir()
            room.chmod(0o777)
            rows.append(row(start))
            (tiny / "room").unlink(missing_ok=True)
            print(
                f"start {number + 1}: {start.name}: {rows[-1]['code']} {rows[-1]['line'][:110]}{'' if rows[-1]['right'] else '  WRONG'}",
                flush=True,
            )
    return rows


def row(start: Start) -> dict[str, Any]:
    """Play one."""
    env = {**os.environ, **(start.env or {})}
    done = subprocess.run(["bash", "-c", start.command], cwd=ROOT, env=env, capture_output=True, text=True, timeout=LONGEST)
    said = done.stderr.strip().splitlines()
    crashed = any(words in done.stdout + done.stderr for words in ("Traceback (most recent", "Exception ignored"))
    line = said[-1] if crashed and said else said[0] if said else ""
    right = done.returncode in start.codes and start.says in line and not crashed and (bool(line) or 0 in start.codes)
    return {"case": start.name, "code": done.returncode, "line": line, "traceback": crashed, "right": right}


def at_once(temp: Path) -> list[dict[str, Any]]:
    """Two that are started at the same instant, and one whose holder was killed while its children live."""
    runs = temp / "together"
    order = [sys.executable, "-m", "agent", "--entry", "CORE-001", "--search", "offline", "--provider", "none", "--runs", str(runs)]
    first, second = (_begun(order) for _ in range(2))
    loser, winner = (first, second) if _ends_first(first, second) else (second, first)
    said = loser.communicate()[1]
    rows = [_told("two missions of one entry at the same instant", loser, said, 4, f"process {winner.pid} on ")]
    rows[0]["right"] &= len(list(runs.glob("*/run-*"))) == 1
    winner.kill()  # not its group: the children of the sandbox must not keep the lock
    winner.communicate()
    third = _begun([*order, "--minutes", "0.01"])
    out, said = third.communicate(timeout=LONGEST)
    rows.append(_told("a lock whose holder was killed is taken over", third, said, 3, "minutes"))
    rows[1]["right"] &= f"left by process {winner.pid}" in out
    rows[1]["line"] = next((line.strip() for line in out.splitlines() if "left by" in line), rows[1]["line"])
    return rows


def _begun(order: Sequence[str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def _ends_first(first: "subprocess.Popen[str]", second: "subprocess.Popen[str]") -> bool:
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        if first.poll() is not None or second.poll() is not None:
            return first.poll() is not None
        time.sleep(0.05)
    for process in (first, second):
        os.killpg(process.pid, signal.SIGKILL)
    return True


def _told(name: str, process: "subprocess.Popen[str]", said: str, code: int, words: str) -> dict[str, Any]:
    line = (said.strip().splitlines() or [""])[0]
    crashed = "Traceback (most recent" in said
    return {
        "case": name,
        "code": process.returncode,
        "line": line,
        "traceback": crashed,
        "right": process.returncode == code and words in line and not crashed,
    }


def scratch() -> Path:
    """A folder that ordinary users may enter."""
    made = Path(tempfile.mkdtemp(prefix="resources-")).resolve()
    made.chmod(0o755)
    return made
