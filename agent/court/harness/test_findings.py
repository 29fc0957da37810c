"""Shows every confirmed finding of this run again: its script ends with status 1 where the defect is present."""

import subprocess
import sys
from pathlib import Path

import pytest

FINDINGS = sorted((Path(__file__).parent.parent / "findings").glob("*-*/repro.py"))


@pytest.mark.parametrize("script", FINDINGS, ids=lambda path: path.parent.name)
def test_defect_is_present(script: Path) -> None:
    """Exit status 1 = present, 0 = absent, 2 = this release does not have the API, 3 = no verdict."""
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
