"""What becomes of one damaged pair of runs, found out by the real commands."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.damage.kinds import Kind
from bench.damage.prepared import Prepared, order, run_of
from bench.rows import ROOT
from bench.soak.ends import differences, doubled

LONGEST = 400.0
"""Seconds after which a command counts as hanging."""
TELLING = ("damaged:", "error:")
"""How the product begins a line about damage."""
ORDINARY = ("setpriv", "--inh-caps=-all", "--bounding-set=-dac_override,-dac_read_search")
"""Takes from root the right to read and write what its permissions forbid."""
LOOKS = (("runs",), ("findings",), ("trace",), ("report",))


@dataclass
class Outcome:
    """One row of the table.

    Attributes:
        kind: what was done.
        detected: `runs verify` of the stopped and of the finished run ended with 1.
        told: the first line that a resume says of it.
        end: exit code of the resume, and how its end differs from the undamaged one.
        again: calls that were made again.
        wrong: why this row fails; empty when it does not.
    """

    kind: str
    detected: tuple[bool, bool] = (False, False)
    told: str = ""
    end: str = ""
    again: int = 0
    wrong: list[str] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Said:
    """A command that has ended."""

    code: int
    text: str

    @property
    def crashed(self) -> bool:
        """Whether it told a traceback."""
        return "Traceback (most recent call last)" in self.text

    @property
    def telling(self) -> str:
        """Its first line about damage."""
        lines = (line.strip().removeprefix("note: ") for line in self.text.splitlines())
        return next((line for line in lines if line.startswith(TELLING)), "")


def said(program: list[str], cwd: Path = ROOT, *, ordinary: bool = False) -> Said:
    """Run a command of the product; as one who may not read everything, if wanted."""
    prefix = [*ORDINARY] if ordinary and os.geteuid() == 0 else []
    try:
        done = subprocess.run([*prefix, sys.executable, "-m", *program], cwd=cwd, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return Said(-1, "hangs")
    return Said(done.returncode, done.stdout + done.stderr)


def damaged(kind: Kind, prepared: Prepared, folder: Path) -> Outcome:
    """Do it to copies of both runs, and look."""
    outcome = Outcome(kind.name)
    copies = [folder / name for name in ("stopped", "finished")]
    for copy, original in zip(copies, (prepared.stopped, prepared.finished), strict=True):
        shutil.copytree(original, copy, symlinks=True)
        kind.harm(run_of(copy))
    checks = [said(["agent", "runs", "verify", "--runs", str(copy)], ordinary=kind.ordinary) for copy in copies]
    outcome.detected = (checks[0].code == 1, checks[1].code == 1)
    looked_at(outcome, kind, copies[1], prepared)
    resumed(outcome, kind, copies[0], prepared)
    outcome.wrong += ["runs verify: a traceback" for check in checks if check.crashed]
    if kind.due != "harmless" and not all(outcome.detected):
        outcome.wrong.append("runs verify did not see it")
    shutil.rmtree(folder)
    return outcome


def looked_at(outcome: Outcome, kind: Kind, runs: Path, prepared: Prepared) -> None:
    """The commands that only look, at the damaged finished run: no traceback, nothing that the mission has not found."""
    looks = [*LOOKS, *([("verify", "BUG-001")] if kind.proofs else [])]
    for look in looks:
        done = said(["agent", *look, "--runs", str(runs)], ordinary=kind.ordinary)
        if done.crashed or done.code < 0:
            outcome.wrong.append(f"{' '.join(look)}: {done.text[-300:]}")
        if look == ("report",) and not done.code and kind.due == "repaired":
            outcome.wrong += [f"report of damage: {line}" for line in different_pages(runs, prepared)]


def different_pages(runs: Path, prepared: Prepared) -> list[str]:
    """A report that was written from a damaged folder and says something else than before."""
    before, after = (run_of(place) / "FINAL_REPORT.md" for place in (prepared.finished, runs))
    return [] if before.read_bytes() == after.read_bytes() else ["FINAL_REPORT.md differs"]


def resumed(outcome: Outcome, kind: Kind, runs: Path, prepared: Prepared) -> None:
    """Go on with the stopped run: told, and to the same end, or refused in one line."""
    run = run_of(runs)
    before = run_of(prepared.stopped) / "results/calls"
    committed = {path.relative_to(before).as_posix() for path in before.glob("*/*.json")}
    done = said(order(runs, "--resume", f"{run.parent.name}/{run.name}"), ordinary=kind.ordinary)
    outcome.told = done.telling
    outcome.end = f"exit {done.code}"
    if done.crashed or done.code < 0:
        outcome.wrong.append(f"resume: {done.text[-400:]}")
    elif kind.due == "refused":
        outcome.wrong += [] if done.code in (2, 4) and done.telling else [f"not refused: exit {done.code}"]
    elif done.code:
        outcome.wrong.append(f"resume ended with {done.code}: {done.text[-300:]}")
    else:
        outcome.again = calls_again(run, committed)
        outcome.wrong += [] if done.telling or kind.due == "harmless" else ["accepted in silence"]
        outcome.wrong += same_end(outcome, run, run_of(prepared.finished), hand_changed=outcome.kind.endswith("by hand"))


def same_end(outcome: Outcome, run: Path, wanted: Path, *, hand_changed: bool) -> list[str]:
    """Findings, verdicts and report against the undamaged run, and a second check of the folder."""
    found = differences(wanted, run)
    keys = ("verdicts",) if hand_changed else ("lost", "added", "verdicts", "report")
    wrong = [f"{key}: {str(found[key])[:300]}" for key in keys if found[key]]
    wrong += [f"doubled: {doubled(run)}"] if doubled(run) else []
    again = said(["agent", "runs", "verify", "--runs", str(run.parents[1])])
    wrong += [f"still damaged after the resume: {again.text[-300:]}"] if again.code else []
    outcome.end += ", the same end" if not wrong else ", another end"
    return wrong


def calls_again(run: Path, committed: set[str]) -> int:
    """Calls that had been committed before the damage and were made after it."""
    records = [json.loads(line) for line in (run / "ledger.jsonl").read_text(encoding="utf-8").splitlines()]
    last = max(number for number, record in enumerate(records) if record["kind"] == "run_prepared")
    started = [f"{record['data']['call']}.json" for record in records[last:] if record["kind"] == "call_started"]
    return sum(call in committed for call in started)
