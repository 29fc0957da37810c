"""The README's example of the components prints what it says."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.conftest import ROOT


def test_the_example_prints_what_it_says(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [block] = [
        b for b in re.findall(r"(?:^(?:    .*)?\n)+", text, re.MULTILINE) if "import streaming_mocks" in b or ", streaming_mocks" in b
    ]
    code = textwrap.dedent(block)
    [said] = re.findall(r"print\(heard\)  # (.*)", code)
    file = tmp_path / "example.py"
    file.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, env={"PYTHONPATH": str(ROOT)})
    assert done.stdout.splitlines()[-1] == said, done.stderr
