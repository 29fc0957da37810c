"""The state machine: bounded repair, degraded end, no call twice, receipts that survive the checkpoint."""

import sqlite3
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph

from agent.core import events
from agent.core.artifacts import Action, PhaseRecord, Receipt
from agent.core.checkpoints import KEPT, RecentCheckpoints
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.roadmap import load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import Record, Tool, ToolContext
from agent.core.workspace import Workspace
from agent.graph import REPAIRS, Deps, MissionState, phase_graph, serializer
from agent.phases.base import Mission, Phase, Plan
from agent.policies.playbook import Playbook
from tools import log_finding

SETTINGS = Settings.load({})
STRENGTH = {"title": "t", "description": "d", "component": "c", "evidence": "e", "impact": "low"}


def deps(folder: Path, heard: list[events.Event]) -> Deps:
    workspace, ledger = Workspace(folder), Ledger(folder)
    entry = load_entry(SETTINGS.project / "docs/roadmap", "CORE-001", SETTINGS.cache)
    nowhere = Path("/nonexistent")
    target = Target("t", "1.2.0", nowhere, nowhere, None, "0" * 16)
    tools: dict[str, Tool[Record, Record]] = {"log_finding": log_finding.TOOL}  # type: ignore[dict-item]
    mission = Mission(entry, SETTINGS, workspace, ledger, Journal(workspace, ledger), target, {}, tools, "test")
    return Deps(mission, ToolContext(SETTINGS, target, workspace, lambda text: None), Playbook(), heard.append)


def strength(number: int) -> Action:
    return Action(
        id=f"s{number}", tool="log_finding", args={"kind": "strength", "entry": STRENGTH, "agent": "a", "key": f"k{number}"}, why="log"
    )


def walk(phase: Phase, folder: Path, heard: list[events.Event], thread: str = "one") -> dict[str, Any]:
    """The phase alone, over a real SQLite checkpoint."""
    made = deps(folder, heard)
    graph = StateGraph(MissionState, context_schema=Deps)
    graph.add_node("report", phase_graph(6, phase, made.mission.tools))
    graph.add_edge(START, "report")
    graph.add_edge("report", END)
    connection = sqlite3.connect(folder / "checkpoints.sqlite", check_same_thread=False)
    try:
        compiled = graph.compile(checkpointer=RecentCheckpoints(connection, serde=serializer()))
        config: Any = {"configurable": {"thread_id": thread}}
        compiled.invoke({"receipts": {}}, config, context=made, durability="sync")
        return dict(compiled.get_state(config).values)
    finally:
        connection.close()


def plan(mission: Mission, attempt: int) -> Plan:
    for number in range(2 + attempt):
        yield strength(number)
    return PhaseRecord(phase="report", artifacts={})


def test_a_gate_that_is_met_in_the_end_repairs_without_repeating(tmp_path: Path) -> None:
    def gate(mission: Mission, record: PhaseRecord) -> list[str]:
        return [] if len(mission.ledger.records("strength")) >= 3 else ["three strengths are wanted"]

    heard: list[events.Event] = []
    values = walk(Phase("report", "p", plan, gate), tmp_path, heard)
    receipt = values["receipts"]["report"]
    assert isinstance(receipt, Receipt) and receipt.missing == 0
    calls = [e.call_id for e in heard if isinstance(e, events.ActionStarted)]
    assert len(calls) == len(set(calls)) == 3


def test_a_gate_that_is_never_met_ends_degraded_and_says_what_is_missing(tmp_path: Path) -> None:
    heard: list[events.Event] = []
    values = walk(Phase("report", "p", plan, lambda mission, record: ["the moon"]), tmp_path, heard)
    assert values["receipts"]["report"].missing == 1
    checks = [e for e in heard if isinstance(e, events.GateChecked)]
    assert [c.degraded for c in checks] == [False] * REPAIRS + [True]
    assert '"the moon"' in (tmp_path / "results/records/report.json").read_text(encoding="utf-8")


def test_a_second_walk_over_the_same_folder_adopts_everything(tmp_path: Path) -> None:
    phase = Phase("report", "p", plan, lambda mission, record: [])
    walk(phase, tmp_path, [])
    heard: list[events.Event] = []
    walk(phase, tmp_path, heard, thread="another")
    assert not [e for e in heard if isinstance(e, events.ActionStarted)]
    assert [e.adopted for e in heard if isinstance(e, events.PhaseFinished)] == [True]


def test_calls_beside_a_call_are_made_once_and_answer_when_they_are_asked_for(tmp_path: Path) -> None:
    said: list[str] = []

    def abreast(mission: Mission, attempt: int) -> Plan:
        actions = [strength(number) for number in range(9)]
        first = actions[0].model_copy(update={"beside": tuple(actions[1:])})
        for action in (first, *actions[1:]):
            done = yield action
            said.append(done.result["id"])
        return PhaseRecord(phase="report", artifacts={})

    heard: list[events.Event] = []
    walk(Phase("report", "p", abreast, lambda mission, record: []), tmp_path, heard)
    calls = [e.call_id for e in heard if isinstance(e, events.ActionStarted)]
    assert len(calls) == len(set(calls)) == 9
    assert sorted(said[-9:]) == [f"STR-{number:03}" for number in range(1, 10)]
    starts = [line for line in Ledger(tmp_path).records("call_started")]
    assert len(starts) == len(Ledger(tmp_path).records("call_committed")) == 9


def test_the_checkpoint_file_does_not_grow_with_the_steps(tmp_path: Path) -> None:
    def steps(number: int) -> int:
        folder = tmp_path / str(number)
        folder.mkdir()

        def many(mission: Mission, attempt: int) -> Plan:
            for one in range(number):
                yield strength(one)
            return PhaseRecord(phase="report", artifacts={})

        walk(Phase("report", "p", many, lambda mission, record: []), folder, [])
        with sqlite3.connect(folder / "checkpoints.sqlite") as connection:
            return int(connection.execute("SELECT count(*) FROM checkpoints").fetchone()[0])

    assert steps(20) <= 3 * KEPT and steps(120) <= 3 * KEPT
    assert (tmp_path / "120/checkpoints.sqlite").stat().st_size < 500_000


def test_the_same_key_is_logged_once(tmp_path: Path) -> None:
    def reads_nothing(mission: Mission, attempt: int) -> Plan:
        bad = {"kind": "strength", "entry": STRENGTH, "agent": "a", "key": "k"}
        done = yield Action(id="x", tool="log_finding", args=bad, why="log")
        assert done.ok
        again = yield Action(id="y", tool="log_finding", args=bad, why="log the same again")
        assert again.result["id"] == done.result["id"] and not again.result["new"]
        return PhaseRecord(phase="report", artifacts={})

    walk(Phase("report", "p", reads_nothing, lambda mission, record: []), tmp_path, [])
    assert len(Ledger(tmp_path).records("strength")) == 1


def test_a_torn_commit_marker_counts_as_absent(tmp_path: Path) -> None:
    made = deps(tmp_path, [])
    call = made.mission.call_id("report", strength(1))
    (tmp_path / "results/calls/report").mkdir(parents=True)
    (tmp_path / f"results/calls/{call}.json").write_text('{"call_id": "half', encoding="utf-8")
    assert made.mission.journal.committed(call) is None
    ran: list[int] = []
    made.mission.journal.once(call, "log_finding", lambda: {"n": ran.append(1)})
    made.mission.journal.once(call, "log_finding", lambda: {"n": ran.append(2)})
    assert ran == [1]
