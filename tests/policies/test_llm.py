"""Whatever a model answers, a phase ends with at least the playbook's record, and a stopped phase goes on without asking again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.artifacts import RECORDS, Action, Execution, PhaseRecord, Proof, Research, TestRun
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.roadmap import load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import Record
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.phases.base import Mission, Phase, Plan
from agent.policies.additions import ADDITIONS, Addition
from agent.policies.additions.notes import NOTE
from agent.policies.llm import FloorAndAdditions, holds, shortfall
from agent.registry import TOOLS

SETTINGS = Settings.load({})
ENTRY = load_entry(SETTINGS.project / "docs/roadmap", "FIN-001", SETTINGS.cache)
CATALOGUE = load_catalogue(SETTINGS.project / "components")
FLOORS: dict[str, dict[str, Any]] = {
    "research": {"searches": 2, "searches_answered": 0, "passages": 3, "symbols": 9, "hypotheses": ("FIN-H1",)},
    "simulate": {"rows": {"edge_cases": 3, "adversarial": 2}, "services": ("db",)},
    "report": {"logged": {"bug": 1}},
    "recommend": {"logged": 2},
}
PROOF = Proof(
    key="dag/x@stageflow.Pipeline", case="c", title="t", status="confirmed", reason="r", reproduced=3, runs=3, control="holds",
    expected="e", observed="o", script="findings/proofs/x.py", fingerprint="0" * 12,
)  # fmt: skip
TEST = TestRun(id="probes-correctness", category="correctness", checks={"holds": 1}, call_id="execute/x")


def floor_of(phase: str) -> PhaseRecord:
    if phase == "execute":
        return Execution(phase="execute", artifacts={"tests/a.py": "1"}, tests=(TEST,), proofs=(PROOF,), suspected=(), log_flags=1)
    return RECORDS[phase].model_validate({"phase": phase, "artifacts": {"mocks/persona.md": "1"}, **FLOORS[phase]})  # type: ignore[index]


def mission_in(folder: Path) -> Mission:
    workspace, ledger, nowhere = Workspace(folder), Ledger(folder), Path("/nonexistent")
    target = Target("t", "1.2.0", nowhere, nowhere, None, "0" * 16)
    return Mission(ENTRY, SETTINGS, workspace, ledger, Journal(workspace, ledger), target, CATALOGUE, TOOLS, "test")


def phase_of(name: str, asked: tuple[str, ...] = ()) -> Phase:
    """A phase whose plan makes one call, and whose record is the floor."""

    def plan(mission: Mission, attempt: int) -> Plan:
        yield Action(id="floor", tool="web_search", args={"query": "x"}, why="floor")
        return floor_of(name)

    return Phase(name, "test", plan, lambda mission, record: list(asked))  # type: ignore[arg-type]


def driven(
    policy: FloorAndAdditions, phase: Phase, mission: Mission, answer: Callable[[Action], Any], limit: int = 60
) -> tuple[PhaseRecord, list[Action]]:
    """The graph's loop: each open action is committed with an answer."""
    made: list[Action] = []
    for _ in range(limit):
        decided = policy.decide(phase, mission, 0)
        if isinstance(decided, PhaseRecord):
            return decided, made
        made.append(decided)
        result = answer(decided)
        mission.journal.once(mission.call_id(phase.name, decided), decided.tool, lambda result=result: result)  # type: ignore[misc]
    raise AssertionError("the phase does not end")


KEYS = [
    "ok", "source", "answer", "hits", "results", "file", "log", "checks", "sightings", "flags", "queries", "hypotheses", "rows", "text",
    "oracle", "subject", "code", "stages", "suggestions", "id", "problem", "why", "excerpt", "link", "sha256",
]  # fmt: skip
garbage = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**6) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
results = st.dictionaries(st.sampled_from(KEYS), garbage, max_size=8)
answers = {
    "queries": st.just({"queries": ["what went wrong elsewhere"]}),
    "target": st.sampled_from(["round_trip", "results_agree", "nothing_left"]).map(
        lambda o: {"oracle": o, "subject": "stageflow.X", "why": "because"}
    ),
    "probe": st.text(min_size=10, max_size=50).map(lambda text: {"code": text}),
    "graph": st.just({"stages": [{"name": "a", "after": [], "returns": "ok", "ms": 1}]}),
    "summary": st.text(min_size=40, max_size=90).map(lambda text: {"text": text}),
}


@pytest.mark.parametrize("name", [*FLOORS, "execute"])
def test_no_answer_of_any_kind_takes_from_the_floor(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def any_answers(data: st.DataObject) -> None:
        def answer(action: Action) -> Any:
            decision = str(action.args.get("decision", "")).removesuffix("_repair")
            if decision in answers and data.draw(st.booleans()):
                return {"ok": True, "source": "model", "answer": data.draw(answers[decision])}
            return data.draw(results)

        folder = tmp_path_factory.mktemp("run")
        (folder / "mocks/data/happy_path").mkdir(parents=True)
        (folder / "mocks/data/happy_path/records.jsonl").write_text('{"record": {"amount": 1}}\n', encoding="utf-8")
        record, _ = driven(FloorAndAdditions(), phase_of(name), mission_in(folder), answer)
        assert shortfall(floor_of(name), record) == ""

    any_answers()


class Boom(Exception):
    """Something unexpected."""


def raising(mission: Mission, floor: Any) -> Plan:
    yield Action(id="a", tool="ask_model", args={"decision": "queries", "slots": {}}, why="x")
    raise Boom("it broke")


def without_actions(mission: Mission, floor: Any) -> Plan:
    raise Boom("at once")
    yield


def unknown_tool(mission: Mission, floor: Any) -> Plan:
    yield Action(id="a", tool="rm", args={}, why="x")
    return floor  # type: ignore[no-any-return]


def poorer(mission: Mission, floor: Any) -> Plan:
    yield from ()
    return floor.model_copy(update={"hypotheses": (), "searches": 0})  # type: ignore[no-any-return]


def other_record(mission: Mission, floor: Any) -> Plan:
    yield from ()
    return PhaseRecord(phase="research", artifacts={})


@pytest.mark.parametrize("addition", [raising, without_actions, unknown_tool, poorer, other_record])
def test_an_addition_that_fails_leaves_the_floor_and_a_line_in_the_ledger(addition: Addition, tmp_path: Path) -> None:
    told: list[str] = []
    policy = FloorAndAdditions(additions={"research": addition}, tell=told.append)
    mission = mission_in(tmp_path)
    record, _ = driven(policy, phase_of("research"), mission, lambda action: {})
    assert record == floor_of("research")
    assert len(mission.ledger.records(NOTE)) == len(told) == 1


def test_an_addition_that_makes_the_gate_ask_for_more_is_left_out(tmp_path: Path) -> None:
    def more(mission: Mission, floor: Any) -> Plan:
        yield from ()
        return floor.model_copy(update={"hypotheses": (*floor.hypotheses, "M1")})  # type: ignore[no-any-return]

    def gate(mission: Mission, record: PhaseRecord) -> list[str]:
        assert isinstance(record, Research)
        return ["the file of M1"] if "M1" in record.hypotheses else []

    phase = Phase("research", "test", phase_of("research").plan, gate)
    policy = FloorAndAdditions(additions={"research": more})
    assert driven(policy, phase, mission_in(tmp_path), lambda action: {})[0] == floor_of("research")
    policy = FloorAndAdditions(additions={"research": more})
    kept = driven(policy, phase_of("research"), mission_in(tmp_path), lambda action: {})[0]
    assert isinstance(kept, Research) and kept.hypotheses == ("FIN-H1", "M1")


def test_a_phase_goes_on_where_it_was_and_asks_nothing_twice(tmp_path: Path) -> None:
    def asking(mission: Mission, floor: Any) -> Plan:
        got = []
        for number in range(4):
            done = yield Action(id=f"a{number}", tool="ask_model", args={"decision": "queries", "slots": {"n": number}}, why="x")
            got.append(done.result["n"])
        return floor.model_copy(update={"hypotheses": (*floor.hypotheses, *map(str, got))})  # type: ignore[no-any-return]

    made: list[str] = []
    phase = phase_of("research")
    record: Any = None
    for _ in range(10):  # a new process each time
        mission = mission_in(tmp_path)
        decided = FloorAndAdditions(additions={"research": asking}).decide(phase, mission, 0)
        if isinstance(decided, PhaseRecord):
            record = decided
            break
        made.append(decided.id)
        mission.journal.once(mission.call_id("research", decided), decided.tool, lambda: {"n": len(made)})
    assert made == ["floor", "a0", "a1", "a2", "a3"]
    assert record.hypotheses == ("FIN-H1", "2", "3", "4", "5")


def test_phases_without_additions_are_the_playbooks(tmp_path: Path) -> None:
    assert set(ADDITIONS) == {"research", "simulate", "execute", "evaluate", "report", "recommend"}
    policy = FloorAndAdditions(additions={})
    assert driven(policy, phase_of("research"), mission_in(tmp_path), lambda action: {})[0] == floor_of("research")


@given(st.lists(st.integers()), st.lists(st.integers()))
def test_rows_are_held_in_their_order_at_the_start(floor: list[int], more: list[int]) -> None:
    assert holds((*floor, *more), tuple(floor))
    assert not floor or not holds(tuple(floor[1:]), tuple(floor)) or floor[1:] == floor


def test_every_tool_of_the_additions_is_registered() -> None:
    tools: dict[str, Any] = dict(TOOLS)
    assert {
        "ask_model",
        "play_written",
        "run_probes",
        "prove",
        "log_finding",
        "web_search",
        "read_page",
        "read_docs",
        "analyze_logs",
    } <= set(tools)
    assert all(issubclass(tool.args, Record) for tool in tools.values())
