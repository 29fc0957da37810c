"""One figure of the lab, and how the parts call the agent."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.rows import ROOT


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

    @property
    def rows(self) -> Path:
        """Rows measured so far."""
        return self.out / "rows.json"


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
