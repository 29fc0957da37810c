"""Rows of a measurement that outlive an interruption, for as long as the measured code is the same."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MEASURED = ("agent", "tools", "components")
"""Folders that decide every result."""


def code(*more: str) -> str:
    """Which code is measured: changes with every commit to MEASURED and to the folders of `more`."""
    trees = [f"HEAD:{folder}" for folder in (*MEASURED, *more)]
    return subprocess.run(["git", "rev-parse", *trees], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def remembered(file: Path, name: str, measure: Callable[[], dict[str, Any]], *more: str) -> dict[str, Any]:
    """One row, measured now or, by the same code, before an interruption; `file` holds the rows."""
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if kept.get("code") != code(*more):
        kept = {"code": code(*more)}
    if name not in kept:
        kept[name] = measure()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(kept), encoding="utf-8")
    row: dict[str, Any] = kept[name]
    return row
