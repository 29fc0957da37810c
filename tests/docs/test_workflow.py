"""The example workflow: a workflow, whose commands this program understands."""

import re
import shlex
from typing import Any

import yaml

from agent.cli import parser
from tests.conftest import ROOT

FILE = ROOT / "docs" / "ci" / "github-actions.yml"


def steps() -> list[dict[str, Any]]:
    return list(yaml.safe_load(FILE.read_text(encoding="utf-8"))["jobs"]["check"]["steps"])


def test_its_commands_are_ours() -> None:
    commands = [shlex.split(step["run"]) for step in steps() if "run" in step]
    assert ["make", "setup"] in commands
    [words] = [words for words in commands if words[0].endswith("python")]
    assert words[1:3] == ["-m", "agent"]
    given = parser().parse_args(words[3:])
    assert (given.command, given.target, given.fail_on) == ("check", "../stageflow", "high")
    assert given.compare and given.sarif and given.junit


def test_what_is_uploaded_is_what_was_written() -> None:
    written = set(re.findall(r"out/check\.\w+", FILE.read_text(encoding="utf-8")))
    uploaded = next(step for step in steps() if "upload-sarif" in step.get("uses", ""))["with"]["sarif_file"]
    assert uploaded == "agent/out/check.sarif" and "out/check.sarif" in written
