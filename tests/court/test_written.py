"""What a model wrote can build a workload, and nothing else: not reach out, not touch what judges it, not fake a violation."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.court.proof import Prove, prove
from agent.court.trials import CaseVerdict
from agent.court.written import AREA, ORACLES, PlayWritten, WrittenPlayed, graph_problems, play_written
from agent.court.written_gate import LINES, MODULES, objections
from components.lab import written_kit
from tools.targets import resolve

COMPONENTS = Path(__file__).parents[2] / "components"
CATALOGUE = load_catalogue(COMPONENTS)
GOOD = Path(__file__).parents[1] / "models" / "replies" / "good.jsonl"

ATTACKS = [
    "import os\ndef call():\n    return os.getcwd, (), {}",
    "from os import system\ndef call():\n    return system, ('true',), {}",
    "import asyncio.subprocess\ndef call():\n    return None, (), {}",
    "import asyncio\ndef call():\n    return asyncio.create_subprocess_exec, ('true',), {}",
    "from asyncio import subprocess\ndef call():\n    return subprocess, (), {}",
    "from stageflow import *\ndef call():\n    return StageOutput.ok, (), {}",
    "from . import x\ndef call():\n    return x, (), {}",
    "from stageflow import StageOutput\nStageOutput.ok = None\ndef call():\n    return StageOutput.ok, (), {}",
    "from stageflow import StageOutput\ndef call():\n    kind = StageOutput\n    kind.ok = 1\n    return kind.ok, (), {}",
    "from stageflow import StageOutput\ndef call():\n    del StageOutput.ok\n    return 1, (), {}",
    "from stageflow import StageKind\nnames = StageKind.members\nnames.clear()\ndef call():\n    return 1, (), {}",
    "from stageflow import StageKind\nStageKind.members['x'] = 1\ndef call():\n    return 1, (), {}",
    "def call():\n    return ().__class__.__bases__, (), {}",
    "def call():\n    return '{0.__class__}'.format(1), (), {}",
    "def call():\n    return getattr(1, 'real'), (), {}",
    "def call():\n    return eval('1'), (), {}",
    "def call():\n    return open('/etc/passwd').read, (), {}",
    "def call():\n    return __import__('os').system, ('true',), {}",
    "x = 1\ndef call():\n    global x\n    return 1, (), {}",
    "def call():\n    while True:\n        pass",
    "def call():\n    try:\n        pass\n    except:\n        pass\n    return 1, (), {}",
    "import asyncio\ndef call():\n    try:\n        pass\n    except asyncio.CancelledError:\n        pass\n    return 1, (), {}",
    "class Meta(object, metaclass=object):\n    pass\ndef call():\n    return 1, (), {}",
    "class Liar:\n    def __eq__(self, other):\n        return False\ndef call():\n    return 1, (), {}",
    "from stageflow import StageOutput\ndef StageOutput():\n    pass\ndef call():\n    return 1, (), {}",
    "def other():\n    return 1",
    "def call(x):\n    return 1",
    "def call():\n    return 1\ndef call():\n    return 2",
    "def call(:\n    return 1",
    "\n".join(["x = 1"] * LINES + ["def call():", "    return 1, (), {}"]),
    "def call():\n    return (lambda: 1).__globals__, (), {}",
    "from stageflow.tools import register_tool\nregister_tool(5)\ndef call():\n    return register_tool, (5,), {}",
    "from stageflow.tools import register_tool\ndef call():\n    [register_tool][0](5)\n    return register_tool, (5,), {}",
    "import stageflow\ndef call():\n    return stageflow.tools.register_tool(5), (5,), {}",
    "from stageflow.tools import register_tool\n@register_tool\nclass Tool:\n    pass\ndef call():\n    return Tool, (), {}",
    "from stageflow import StageOutput\ndef spoil(self):\n    self.ok = 1\ndef call():\n    spoil(StageOutput)\n    return 1, (), {}",
    "from stageflow import StageKind\ndef spoil(x):\n    x.clear()\ndef call():\n    spoil(StageKind.members)\n    return 1, (), {}",
    "import asyncio\ndef call():\n    return asyncio.create_task, (), {}",
    "from stageflow.context import _private\ndef call():\n    return 1, (), {}",
    "def call():\n    return 'a\x1b[2Jb', (), {}",
    "def call():\n    return 'a\u202eb', (), {}",
]


@pytest.mark.parametrize("code", ATTACKS, ids=range(len(ATTACKS)))
def test_code_that_reaches_further_is_refused(code: str) -> None:
    assert objections(code, "call")


def test_stages_that_run_use_nothing_of_the_framework_but_outputs() -> None:
    code = "from stageflow.{} import {}\ndef stages():\n    return []"
    assert objections(code.format("helpers", "BufferedExporter"), "stages")
    assert not objections(code.format("api", "StageOutput"), "stages")


def test_the_gate_and_the_skeletons_allow_the_same_modules() -> None:
    assert MODULES == written_kit.WORKLOAD_MODULES
    assert set(ORACLES) == {card for card in CATALOGUE if card.startswith(AREA)}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(objections(text, "call"), list)


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["name", "after", "does", "x"]), st.recursive(st.integers() | st.text(), st.lists)), max_size=9
    )
)
def test_any_graph_is_judged(rows: list[dict[str, object]]) -> None:
    assert isinstance(graph_problems(tuple(rows)), list)


def replies(decision: str, part: str) -> str:
    """A code reply of the good script."""
    lines = [json.loads(line) for line in GOOD.read_text(encoding="utf-8").splitlines()]
    text = next(row["reply"] for row in lines if row["name"] == decision and part in row.get("contains", ""))
    return str(text).removeprefix("```python\n").removesuffix("\n```")


@pytest.fixture
def context(tmp_path: Path) -> Iterator[ToolContext]:
    made = Settings.load(allow_weak_sandbox=True)
    yield ToolContext(made, resolve("installed", made), Workspace(tmp_path), lambda line: None)


def played(context: ToolContext, oracle: str, subject: str, code: str) -> WrittenPlayed:
    return play_written(PlayWritten(name="probes-written-1-1", probe=AREA + oracle, subject=subject, code=code), context)


def test_a_defect_is_shown_by_a_written_probe_and_proven_by_a_script(context: ToolContext, tmp_path: Path) -> None:
    found = played(context, "call_accepted", "stageflow.context.ContextSnapshot", replies("probe", "ContextSnapshot"))
    assert found.ok, found.problem
    assert [s.key for s in found.sightings] == ["written/call_accepted@stageflow.context.ContextSnapshot"]
    assert context.workspace
    rows = [CaseVerdict.model_validate(raw) for raw in context.workspace.read_json(found.file)]
    row, control = sorted(rows, key=lambda each: each.control)
    shown = row.model_dump(include={"probe", "case", "component", "title", "params", "expected", "observed"})
    args = Prove(control=control.verdict, control_reached=control.reached, **shown)
    proof = prove(args, CATALOGUE[row.probe], tmp_path / "findings", context)
    assert proof.status == "confirmed", proof.reason
    assert (proof.reproduced, proof.runs) == (3, 3)


def test_a_wrong_name_is_told_with_real_ones_and_kept(context: ToolContext, tmp_path: Path) -> None:
    told = played(context, "decorator_keeps", "stageflow.tools.register_tool", replies("probe", "register_tool"))
    assert (told.ok, told.stage) == (False, "names")
    assert "ToolResult" in told.problem and "real names" in told.problem
    assert "ToolResult" in (tmp_path / "findings/dropped/probes-written-1-1.md").read_text(encoding="utf-8")
    again = played(context, "decorator_keeps", "stageflow.tools.register_tool", replies("probe_repair", "register_tool"))
    assert again.ok and len(again.sightings) == 1


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
@pytest.mark.parametrize(
    ("oracle", "subject", "code", "why"),
    [
        ("call_accepted", "stageflow.StageOutput", "from stageflow import StageOutput\ndef call():\n    return StageOutput.ok, (5,), {}", "other than"),
        ("call_accepted", "stageflow.helpers.parse_timestamp", "from stageflow.helpers import parse_timestamp\ndef call():\n    return parse_timestamp, (None,), {}", "annotated"),
        ("call_accepted", "stageflow.NoSuchThing", "def call():\n    return 1, (), {}", "no stageflow.NoSuchThing"),
        ("decorator_keeps", "stageflow.tools.clear_tool_registry", "def make():\n    def f():\n        return 1\n    return f", "no page"),
        ("decorator_keeps", "stageflow.tools.register_tool", "def make():\n    def f():\n        return 1\n    return f", "not above a function"),
        ("round_trip", "stageflow.helpers.MemoryEntry", "def make():\n    return 1", "return a stageflow.helpers:MemoryEntry"),
        ("argument_kept", "stageflow.StageOutput.ok", "from stageflow import StageOutput\ndef call():\n    return StageOutput.ok, (), {}", "promise"),
        ("nothing_left", "", "def stages():\n    return 1", "no verdict"),
    ],
)  # fmt: skip
def test_what_is_no_fair_test_comes_to_no_verdict(context: ToolContext, oracle: str, subject: str, code: str, why: str) -> None:
    told = played(context, oracle, subject, code)
    assert not told.ok
    assert why in told.problem


def test_a_graph_holds(context: ToolContext) -> None:
    rows: list[dict[str, object]] = [{"name": "a", "does": [["ok", 1]]}, {"name": "b", "after": ["a"], "does": [["skip", 1, "not needed"]]}]
    args = PlayWritten.model_validate({"name": "probes-written-2-1", "probe": "written/results_agree", "stages": rows})
    found = play_written(args, context)
    assert (found.ok, found.checks) == (True, {"holds": 1}), found.problem
