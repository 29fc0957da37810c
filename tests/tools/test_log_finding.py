"""The tool logs through the run's ledger, as `add_finding.py` does."""

import json
from pathlib import Path

import pytest

from agent.core.errors import InvalidArguments, InvalidFinding
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from tools.log_finding import TOOL

DX = {"title": "t", "description": "d", "category": "docs", "severity": "low", "component": "c", "impact": "i"}


def test_a_finding_is_logged_once_per_key(tmp_path: Path) -> None:
    context = ToolContext(Settings.load({}), None, Workspace(tmp_path), lambda line: None)
    first = TOOL.call({"kind": "dx", "entry": DX, "agent": "playbook", "key": "f1"}, context)
    again = TOOL.call({"kind": "dx", "entry": DX, "agent": "playbook", "key": "f1"}, context)
    other = TOOL.call({"kind": "dx", "entry": DX | {"id": "DX-9"}, "agent": "playbook"}, context)
    assert [(r.id, r.path, r.new) for r in (first, again, other)] == [
        ("DX-001", "dx.json", True),
        ("DX-001", "dx.json", False),
        ("DX-002", "dx.json", True),
    ]
    assert other.notes == ("id: ignored, the ledger gives it",)
    assert [row["id"] for row in json.loads((tmp_path / "dx.json").read_text())["findings"]] == ["DX-001", "DX-002"]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    context = ToolContext(Settings.load({}), None, Workspace(tmp_path), lambda line: None)
    with pytest.raises(InvalidFinding, match="impact: required field is missing"):
        TOOL.call({"kind": "dx", "entry": {k: v for k, v in DX.items() if k != "impact"}, "agent": "a"}, context)
    with pytest.raises(InvalidArguments):
        TOOL.call({"kind": "bugs", "entry": DX, "agent": "a"}, context)
    assert list(tmp_path.iterdir()) == []
