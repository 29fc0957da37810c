"""A pause for a person: before code, at the end of a phase; what was decided outlives processes, checkpoints and kills."""

import functools
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import END, START, StateGraph

from agent.core.approvals import FOLDER, Approval, Mode, asked, decided, open_question, read_approval, withdraw
from agent.core.artifacts import Action, PhaseRecord, Reporting
from agent.core.checkpoints import RecentCheckpoints
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.roadmap import load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.graph import Deps, MissionState, phase_graph, serializer
from agent.phases.base import Mission, Phase, Plan
from agent.policies.approval import phase_text
from agent.policies.playbook import Playbook
from agent.registry import TOOLS
from tools.targets import resolve

SETTINGS = Settings.load({})
ENTRY = load_entry(SETTINGS.project / "docs/roadmap", "CORE-001", SETTINGS.cache)
CATALOGUE = load_catalogue(SETTINGS.project / "components")
CODE = "from stageflow.context import ContextSnapshot\n\n\ndef call():\n    return ContextSnapshot, (), {}"
STRENGTH = {"title": "t", "description": "d", "component": "c", "evidence": "e", "impact": "low"}
END_KEY = "report/end"


@functools.cache
def installed() -> Target:
    return resolve("installed", SETTINGS, progress=lambda text: None)


def walk(folder: Path, mode: Mode, plan: Any, thread: str = "one") -> list[str]:
    """One process: a phase over the folder's checkpoint; the keys it pauses at."""
    settings = SETTINGS.model_copy(update={"approve": mode})
    workspace, ledger, target = Workspace(folder), Ledger(folder), installed()
    mission = Mission(ENTRY, settings, workspace, ledger, Journal(workspace, ledger), target, CATALOGUE, TOOLS, "test")
    deps = Deps(mission, ToolContext(settings, target, workspace, lambda text: None), Playbook(), lambda event: None)
    graph = StateGraph(MissionState, context_schema=Deps)
    graph.add_node("report", phase_graph(6, Phase("report", "p", plan, lambda mission, record: []), TOOLS))
    graph.add_edge(START, "report")
    graph.add_edge("report", END)
    connection = sqlite3.connect(folder / "checkpoints.sqlite", check_same_thread=False)
    try:
        compiled = graph.compile(checkpointer=RecentCheckpoints(connection, serde=serializer()))
        config: Any = {"configurable": {"thread_id": thread}}
        going_on = compiled.get_state(config).next
        ended = compiled.invoke(None if going_on else {"receipts": {}}, config, context=deps, durability="sync")
        return [pause.value for pause in ended.get("__interrupt__", ())]
    finally:
        connection.close()


def logs(mission: Mission, attempt: int) -> Plan:
    args = {"kind": "strength", "entry": STRENGTH, "agent": "a", "key": "k"}
    yield Action(id="s", tool="log_finding", args=args, why="log")
    return Reporting(phase="report", artifacts={}, logged={"strength": 1})


def plays(code: str) -> Any:
    def plan(mission: Mission, attempt: int) -> Plan:
        args = {
            "name": "probes-written-1-1",
            "probe": "written/call_accepted",
            "subject": "stageflow.context.ContextSnapshot",
            "code": code,
        }
        done = yield Action(id="play-1-1", tool="play_written", args=args, why="play")
        return Reporting(phase="report", artifacts={}, logged={str(done.result["stage"]): 1})

    return plan


def answer(folder: Path, key: str, *, allowed: bool, why: str = "") -> None:
    approval = read_approval(Workspace(folder), key)
    assert approval is not None
    decided(Workspace(folder), approval, allowed=allowed, why=why)


def record(folder: Path) -> Any:
    return Workspace(folder).read_json("results/records/report.json")


def committed(folder: Path) -> list[str]:
    return sorted(line.data["tool"] for line in Ledger(folder).records("call_committed"))


def test_a_phase_ends_only_when_a_person_lets_it(tmp_path: Path) -> None:
    for _ in range(2):  # killed or asked again: it waits where it was, and nothing is done twice
        assert walk(tmp_path, "phases", logs) == [END_KEY]
        assert record(tmp_path) is None and committed(tmp_path) == ["log_finding"]
    waiting = open_question(Workspace(tmp_path))
    assert waiting is not None and waiting.title == "report is done" and "logged: 1 strength" in waiting.text
    answer(tmp_path, END_KEY, allowed=True)
    assert walk(tmp_path, "phases", logs) == [] and record(tmp_path)["logged"] == {"strength": 1}
    (tmp_path / "checkpoints.sqlite").unlink()
    assert walk(tmp_path, "phases", logs) == []


def test_what_is_on_disk_already_is_not_asked_for(tmp_path: Path) -> None:
    assert walk(tmp_path, "none", logs) == []
    (tmp_path / "checkpoints.sqlite").unlink()
    assert walk(tmp_path, "all", logs) == [] and not (tmp_path / FOLDER).exists()


def test_a_phase_that_is_rejected_stays_where_it_is_until_that_is_taken_back(tmp_path: Path) -> None:
    walk(tmp_path, "all", logs)
    answer(tmp_path, END_KEY, allowed=False, why="too few")
    withdraw(Workspace(tmp_path))
    assert walk(tmp_path, "all", logs) == [END_KEY] and record(tmp_path) is None
    found = open_question(Workspace(tmp_path))
    assert found is not None and (found.status, found.why) == ("rejected", "too few")
    answer(tmp_path, END_KEY, allowed=True)
    assert walk(tmp_path, "all", logs) == [] and record(tmp_path)


def test_code_is_shown_with_its_claim_before_it_runs_and_not_again_after_a_loss_of_the_checkpoint(tmp_path: Path) -> None:
    (key,) = walk(tmp_path, "code", plays(CODE))
    assert committed(tmp_path) == [] and not (tmp_path / "results/metrics").exists()
    waiting = open_question(Workspace(tmp_path))
    assert waiting is not None and waiting.key == key
    assert CATALOGUE["written/call_accepted"].claim in waiting.text and "    def call():" in waiting.text
    answer(tmp_path, key, allowed=True)
    (tmp_path / "checkpoints.sqlite").unlink()  # approved, then killed before anything ran, and the checkpoint lost
    assert walk(tmp_path, "code", plays(CODE)) == []
    assert committed(tmp_path) == ["play_written"] and record(tmp_path)["logged"] == {"played": 1}
    (tmp_path / "checkpoints.sqlite").unlink()
    (tmp_path / FOLDER / f"{key}.json").unlink()
    assert walk(tmp_path, "code", plays(CODE), thread="another") == []
    assert len(committed(tmp_path)) == 1


def test_rejected_code_never_runs_and_is_kept_with_the_reason(tmp_path: Path) -> None:
    (key,) = walk(tmp_path, "all", plays(CODE))
    answer(tmp_path, key, allowed=False, why="it touches nothing of ours")
    assert walk(tmp_path, "all", plays(CODE)) == [END_KEY]
    assert not (tmp_path / "results/metrics").exists()
    kept = (tmp_path / "findings/dropped/probes-written-1-1.md").read_text(encoding="utf-8")
    assert "dropped at approval" in kept and "it touches nothing of ours" in kept and CODE in kept
    marker = Workspace(tmp_path).read_json(f"results/calls/{key}.json")
    assert (marker["result"]["ok"], marker["result"]["stage"]) == (False, "approval")
    assert [line.data["status"] for line in Ledger(tmp_path).records("approval")] == ["rejected"]


@pytest.mark.parametrize("mode", ["none", "phases"])
def test_nobody_is_asked_about_code_in_other_modes(mode: Mode, tmp_path: Path) -> None:
    walk(tmp_path, mode, plays(CODE))
    assert committed(tmp_path) == ["play_written"]


def test_nobody_is_asked_about_code_that_would_not_run(tmp_path: Path) -> None:
    assert walk(tmp_path, "code", plays("import os")) == []
    assert record(tmp_path)["logged"] == {"form": 1}


@pytest.mark.parametrize("allowed", [True, False])
def test_a_newcomers_script_is_asked_for_as_well(allowed: bool, tmp_path: Path) -> None:
    def plan(mission: Mission, attempt: int) -> Plan:
        args = {"task": "two-stages", "attempt": 1, "code": "print(23)"}
        done = yield Action(id="newcomer", tool="play_newcomer", args=args, why="play")
        return Reporting(phase="report", artifacts={}, logged={str(done.result["stage"]): 1})

    [key] = walk(tmp_path, "code", plan)
    approval = read_approval(Workspace(tmp_path), key)
    assert approval and "two-stages, attempt 1" in approval.title and "    print(23)" in approval.text
    answer(tmp_path, key, allowed=allowed, why="not today")
    assert walk(tmp_path, "code", plan) == []
    assert record(tmp_path)["logged"] == {"ran" if allowed else "approval": 1}
    assert (tmp_path / "dx_evaluation" / "newcomer").exists() == allowed


def test_questions_without_a_decision_are_forgotten(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    asked(workspace, Approval(key="execute/play-1", kind="code", title="t", text="x"))
    decided(workspace, asked(workspace, Approval(key="execute/play-2", kind="code", title="t", text="x")), allowed=False)
    (tmp_path / FOLDER / "execute/half.json").write_text('{"key": "ex', encoding="utf-8")
    withdraw(workspace)
    assert open_question(workspace) is None and read_approval(workspace, "execute/play-1") is None
    found = read_approval(workspace, "execute/play-2")
    assert found is not None and found.status == "rejected"


def test_a_record_of_any_phase_can_be_shown() -> None:
    assert phase_text(PhaseRecord(phase="build", artifacts={"a": "b"}, missing=("the moon",))) == "files: 1\nnot met: the moon"
