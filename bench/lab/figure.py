"""One figure of the lab, and how the parts call the agent."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Figure:
    """What was wanted, and what was measured.

    Attributes:
        name: what it is.
        wanted: as the target says.
        value: as measured.
        met: whether that is enough.
        notes: what a reader should know, e.g. what was not found.
        rows: the single measurements.
    """

    name: str
    wanted: str
    value: str
    met: bool
    notes: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """For the result file."""
        return asdict(self)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Figure":
        """Out of the result file."""
        return cls(**{name: record[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Setting:
    """Where things are.

    Attributes:
        bench: folder of the bench.
        out: folder for results.
        kept: figures measured before, by part.
    """

    bench: Path
    out: Path
    kept: Mapping[str, Any]


def code() -> str:
    """Which code is measured: changes with every commit to what decides a result."""
    trees = [f"HEAD:{folder}" for folder in ("agent", "tools", "components")]
    return subprocess.run(["git", "rev-parse", *trees], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def remembered(setting: Setting, name: str, measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """One row of a part, measured now or, by the same code, before an interruption."""
    file = setting.out / "rows.json"
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if kept.get("code") != code():
        kept = {"code": code()}
    if name not in kept:
        kept[name] = measure()
        file.write_text(json.dumps(kept), encoding="utf-8")
    row: dict[str, Any] = kept[name]
    return row


def agent(*args: str, seconds: float = 900.0) -> subprocess.CompletedProcess[str]:
    """Run `python -m agent ARGS`."""
    command = [sys.executable, "-m", "agent", *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, env=os.environ | {"COLUMNS": "200"})


def check(report: Path, *args: str) -> dict[str, Any]:
    """Run `check` and read what it wrote.

    Raises:
        RuntimeError: it wrote nothing.
    """
    done = agent("check", "--json", str(report), *args)
    if not report.exists():
        raise RuntimeError(f"check {' '.join(args)} wrote no result: {(done.stderr or done.stdout)[-300:]}")
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def confirmed(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that were proven."""
    return [finding for finding in findings if finding["status"] == "confirmed"]
