"""`findings list` over run folders: what the campaign of the same runs says, without what only a campaign needs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli import main
from agent.core.settings import Settings, project_root
from agent.reporting.campaign.seen import seen_findings
from agent.reporting.campaign.site import now, present
from tests.reporting.campaign.made import bug, made_run

MUST_NOT_WAIT_FOR = (
    "rich",
    "jinja2",
    "agent.core.artifacts",
    "agent.core.roadmap",
    "agent.core.integrity",
    "agent.reporting.campaign.records",
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three entries: one run twice, another with another finding, one whose files are damaged."""
    for entry, part in (("CORE-001", "dag"), ("CORE-001", "dag"), ("CORE-002", "retry")):
        shutil.rmtree(tmp_path / "spare", ignore_errors=True)
        run = made_run(tmp_path / "spare", entry, bugs=[bug(component=part)])
        number = len(list((tmp_path / "runs" / entry).glob("run-*"))) + 1
        shutil.copytree(run.root, tmp_path / "runs" / entry / f"run-2026-01-01-{number:03d}")
    shutil.copytree(tmp_path / "runs/CORE-002", tmp_path / "runs/CORE-003")
    (tmp_path / "runs/CORE-003/run-2026-01-01-001/bugs.json").write_text("[", encoding="utf-8")
    return tmp_path / "runs"


def test_the_list_has_the_findings_of_the_campaign(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = present(Settings.load(runs=runs), now()).findings
    assert seen_findings(runs) == whole and sorted(len(finding.sightings) for finding in whole) == [1, 2]
    assert main(["findings", "list", "--json", "--runs", str(runs)]) == 0
    assert json.loads(capsys.readouterr().out) == [finding.model_dump(mode="json") for finding in whole]


def test_who_has_no_runs_waits_for_nothing_that_reads_them(tmp_path: Path) -> None:
    code = (
        "import sys; from agent.cli import main; "
        f"code = main(['findings', 'list', '--runs', {str(tmp_path)!r}]); "
        f"print(code, sorted(set({MUST_NOT_WAIT_FOR!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project_root(), capture_output=True, text=True, check=True)
    assert done.stdout == "Findings of all runs: none\n0 []\n" and done.stderr == "0 findings, seen 0 times\n"
