"""The README shows what was measured, not what somebody typed."""

import json
import subprocess
import sys

from tests.conftest import ROOT


def test_the_table_of_the_readme_is_that_of_the_results() -> None:
    done = subprocess.run([sys.executable, "-m", "bench.figures", "--table"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() in (ROOT / "README.md").read_text(encoding="utf-8")
    figures = json.loads((ROOT / "bench/results.json").read_text(encoding="utf-8"))["figures"]
    assert done.stdout.count("\n| ") == len(figures) and all(row["title"] in done.stdout for row in figures)


def test_every_chart_of_the_readme_is_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    charts = {f"docs/charts/{file.name}" for file in (ROOT / "docs/charts").glob("*.svg")}
    assert charts and all(f"({chart})" in text for chart in charts)
