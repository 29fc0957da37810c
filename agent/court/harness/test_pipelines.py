"""Repeats the functional checks of the five pipelines; measurements are not compared, they belong to a machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RECORDED = json.loads((ROOT / "tests/verdicts.json").read_text(encoding="utf-8"))["pipelines"]
TESTS = sorted({(row["pipeline"], row["test"]) for row in RECORDED})


@pytest.mark.parametrize(("pipeline", "test"), TESTS)
def test_same_verdicts(pipeline: str, test: str, tmp_path: Path) -> None:
    """Every check of the test comes to the verdict that was recorded."""
    out = tmp_path / "result.json"
    command = [sys.executable, f"pipelines/{pipeline}.py", "--test", test, "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    seen = {check["id"]: check["verdict"] for check in json.loads(out.read_text(encoding="utf-8"))["checks"]}
    expected = {row["check"]: row["verdict"] for row in RECORDED if row["test"] == test}
    assert {check: seen.get(check) for check in expected} == expected
