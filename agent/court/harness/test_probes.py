"""Repeats the verdict of every probe case of this run in fresh processes: `pytest tests -q`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RECORDED = json.loads((HERE / "verdicts.json").read_text(encoding="utf-8"))["probes"]
SCRIPTS = sorted({row["script"] for row in RECORDED})


@pytest.mark.parametrize("script", SCRIPTS)
def test_same_verdicts(script: str) -> None:
    """Every case of the probe comes to the verdict that was recorded."""
    done = subprocess.run([sys.executable, HERE.parent / script], capture_output=True, text=True, timeout=300)
    seen = {row["case"]: row["verdict"] for row in map(json.loads, done.stdout.splitlines())}
    assert seen == {row["case"]: row["verdict"] for row in RECORDED if row["script"] == script}, done.stderr[-2000:]
