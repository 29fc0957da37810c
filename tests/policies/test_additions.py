"""What a model says is taken only where it can be shown: quotes that stand in a passage, rows that keep their word, prose out of the table."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.artifacts import Action, CallResult, Evaluation, Execution, PhaseRecord, Recommendations, Reporting, Research, Simulation
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.roadmap import load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace
from agent.court.catalogue import load_catalogue
from agent.court.newcomer import TASKS
from agent.court.trials import CaseVerdict
from agent.models.added import RESEARCH, SUMMARY, Passage, stored_passages
from agent.models.decisions import NewHypothesis, NewRow
from agent.phases.base import Mission, Plan
from agent.policies.additions import evaluate, execute, probes, recommend, report, research, simulate
from agent.policies.additions.notes import NOTE, noted
from agent.policies.additions.prose import invented
from agent.registry import TOOLS

SETTINGS = Settings.load({})
ENTRY = load_entry(SETTINGS.project / "docs/roadmap", "FIN-001", SETTINGS.cache)
CATALOGUE = load_catalogue(SETTINGS.project / "components")
TABLE = "confirmed bugs: 12 (3 high)\nBUG-001 | high | stageflow.tools.register_tool | It takes 1.5 s and loses `outputs`"
BUG = {
    "title": "It loses outputs", "description": "d", "type": "bug", "severity": "high", "component": "stageflow.Pipeline",
    "reproduction": "r", "impact": "i", "recommendation": "Keep them.",
}  # fmt: skip


@pytest.fixture
def mission(tmp_path: Path) -> Mission:
    workspace, ledger, nowhere = Workspace(tmp_path), Ledger(tmp_path), Path("/nonexistent")
    target = Target("t", "1.2.0", nowhere, nowhere, None, "0" * 16)
    return Mission(ENTRY, SETTINGS, workspace, ledger, Journal(workspace, ledger), target, CATALOGUE, TOOLS, "test")


def answered(plan: Plan, said: dict[str, Any]) -> tuple[PhaseRecord, list[Action]]:
    """Drive a plan; a decision gets its answer of `said`, a tool its result, anything else nothing."""
    made: list[Action] = []
    try:
        action = next(plan)
        while True:
            made.append(action)
            name = str(action.args.get("decision", action.tool))
            result = said.get(name, {})
            if action.tool == "ask_model" and result:
                result = {"ok": True, "source": "model", "answer": result}
            action = plan.send(CallResult(call_id=f"x/{action.id}", tool=action.tool, ok=True, result=result))
    except StopIteration as end:
        return end.value, made


def test_a_hypothesis_is_linked_to_the_passage_that_it_quotes(mission: Mission) -> None:
    page = {"link": "docs/a.md#b", "excerpt": "Retries share one budget per run, unless told otherwise. " * 3, "sha256": "f" * 64}
    good = {
        "statement": "The budget of retries is shared by two runs.",
        "prediction": "A second run has fewer attempts than the first one.",
        "refuted_by": "Both runs make the same number of attempts.",
        "subsystems": ["retry"],
        "passage": "P1",
        "quote": "Retries share  one budget per run",
    }
    wrong = [
        good | {"quote": "Retries share nothing at all"},
        good | {"statement": "Another statement of that kind.", "subsystems": ["moon"]},
    ]
    floor = Research(phase="research", artifacts={}, searches=0, searches_answered=0, passages=1, symbols=1, hypotheses=("FIN-H1",))
    said = {"read_docs": {"hits": [page]}, "hypotheses": {"hypotheses": [good, *wrong]}}
    record, _ = answered(research.additions(mission, floor), said)
    assert isinstance(record, Research) and record.hypotheses == ("FIN-H1", "FIN-001-M1")
    stored = mission.workspace.read_json(RESEARCH)
    (passage,) = stored_passages(mission.workspace)
    assert stored["hypotheses"][0]["passage"] == passage.id == "P1" and stored["pages"] == []
    assert passage.hypotheses == ("FIN-001-M1",) and passage.place == "docs/a.md#b" and passage.page_sha256 == "f" * 64
    assert len(mission.ledger.records(NOTE)) == 2


@given(st.text(min_size=10, max_size=80))
def test_a_quote_that_does_not_stand_in_the_passage_is_never_taken(quote: str) -> None:
    text = "An ordinary sentence about pipelines that the page holds."
    passages = [Passage(id="P1", kind="web", place="https://a.example/", text=text, sha256="", page_sha256="", shown=True)]
    if len(quote.strip()) < 10 or " ".join(quote.split()) in text:
        return
    given_ = {"statement": "One statement here.", "prediction": "One prediction here.", "refuted_by": "One refutation here."}
    proposed = NewHypothesis.model_validate(given_ | {"subsystems": ["dag"], "passage": "P1", "quote": quote})
    assert research.unfounded(proposed, passages, ["dag"], [])


@pytest.mark.parametrize(
    ("kind", "changes", "taken"),
    [
        ("edge_cases", {"amount": 25000}, True),
        ("edge_cases", {"amount": 25000.01}, False),
        ("edge_cases", {"memo": "x" * 141}, False),
        ("edge_cases", {"at": "2026-01-01T00:00:00+00:00"}, True),
        ("edge_cases", {"at": "2026-01-01"}, False),
        ("edge_cases", {"attempts": True}, False),
        ("adversarial", {"attempts": True}, True),
        ("adversarial", {"attempts": 3}, False),
        ("adversarial", {"country": "XX"}, True),
        ("adversarial", {"txn_id": "other"}, False),
        ("adversarial", {"unknown": 1}, False),
    ],
)
def test_a_row_is_what_it_says_it_is(kind: str, changes: dict[str, Any], taken: bool) -> None:
    row = NewRow.model_validate({"kind": kind, "changes": changes, "why": "because"})
    assert (simulate.unusable(row, ENTRY.workload.fields) == "") == taken


def test_rows_are_written_with_a_computed_answer(mission: Mission, tmp_path: Path) -> None:
    made = TOOLS["generate_data"]
    made.call({"entry": ENTRY.id, "seed": 1}, ToolContext(SETTINGS, None, mission.workspace, lambda text: None))
    floor = Simulation(phase="simulate", artifacts={}, rows={"edge_cases": 5, "adversarial": 5, "happy_path": 9}, services=())
    rows = [
        {"kind": "edge_cases", "changes": {"amount": 0.01}, "why": "smallest"},
        {"kind": "adversarial", "changes": {"amount": "1"}, "why": "text"},
        {"kind": "adversarial", "changes": {"amount": 1}, "why": "allowed"},
    ]
    record, _ = answered(simulate.additions(mission, floor), {"rows": {"rows": rows}})
    assert isinstance(record, Simulation) and record.rows == {"edge_cases": 6, "adversarial": 6, "happy_path": 9}
    edge = json.loads((tmp_path / "mocks/data/edge_cases/model.jsonl").read_text(encoding="utf-8"))
    assert edge["record"]["amount"] == 0.01 and edge["expected"]["outcome"] == "accepted" and edge["expected"]["decision"]
    attack = json.loads((tmp_path / "mocks/data/adversarial/model.jsonl").read_text(encoding="utf-8"))
    assert attack["expected"]["outcome"] == "rejected" and attack["record"]["txn_id"] != edge["record"]["txn_id"]


@pytest.mark.parametrize(
    "text",
    [
        "There are 13 bugs.",
        "BUG-002 is the worst.",
        "See stageflow.tools.ToolRegistry for it.",
        "The culprit is ToolRegistry.",
        "It loses `inputs` too.",
        "A dozen users saw it.",
        "See https://example.org for more.",
        "It takes 1.55 s.",
        "It is CVE-2024-1234.",
        "The function register_tools is wrong.",
    ],
)
def test_prose_that_says_more_than_the_table_is_noticed(text: str) -> None:
    assert invented(text, TABLE)


def test_prose_out_of_the_table_may_be_printed() -> None:
    assert (
        invented("Of 12 confirmed bugs, 3 are high; BUG-001 in stageflow.tools.register_tool takes 1.5 s and loses `outputs`.", TABLE) == []
    )


@given(st.integers(0, 10**9))
def test_no_number_is_invented(number: int) -> None:
    assert (invented(f"It was {number} times.", TABLE) == []) == (str(number) in {"12", "3"})


def test_a_paragraph_is_printed_only_when_its_second_form_keeps_to_the_table(mission: Mission) -> None:
    floor = Reporting(phase="report", artifacts={}, logged={})
    bad = {"text": "The tests found 4711 defects, which is a number that nobody has ever counted."}
    record, made = answered(report.additions(mission, floor), {"summary": bad, "summary_repair": bad})
    assert record == floor and mission.workspace.read_json(SUMMARY) is None and len(made) == 2
    good = {"text": "The tests were made on the framework, and what they found stands in the table above this."}
    record, made = answered(report.additions(mission, floor), {"summary": bad, "summary_repair": good})
    assert SUMMARY in record.artifacts and mission.workspace.read_json(SUMMARY)["text"] == good["text"]


def test_improvements_need_a_finding_of_the_run(mission: Mission) -> None:
    floor = Recommendations(phase="recommend", artifacts={}, logged=1)
    mission.ledger.log_finding("bug", BUG, "test", "k")
    words = {
        "description": "Say so in the documentation.",
        "proposed_solution": "Keep the outputs.",
        "kind": "improvement",
        "priority": "P1",
    }
    rows = [{"finding": "BUG-001", "title": "Keep outputs", **words}, {"finding": "BUG-002", "title": "Keep more", **words}]
    rows.append({"finding": "BUG-001", "title": "Make it 300 % faster", **words})
    record, made = answered(recommend.additions(mission, floor), {"suggestions": {"suggestions": rows}})
    logged = [action for action in made if action.tool == "log_finding"]
    assert len(logged) == 1 and "BUG-001" in logged[0].args["entry"]["context"]
    assert isinstance(record, Recommendations) and record.logged == 2
    TOOLS["log_finding"].args.model_validate(logged[0].args)


def test_a_probe_has_three_attempts_and_each_is_told_what_was_wrong(mission: Mission) -> None:
    symbol = {"name": "stageflow.Pipeline", "kind": "class", "signature": "class Pipeline()", "exported_by": ["stageflow"], "doc": ""}
    mission.workspace.write_json("research/api.json", {"symbols": [symbol]})
    said = {
        "target": {"oracle": "call_accepted", "subject": "stageflow.Pipeline", "why": "because"},
        "probe": {"code": "def call(): return 1"},
        "probe_repair": {"code": "def call(): return 2"},
        "play_written": {"ok": False, "stage": "names", "problem": "line 1: no"},
    }

    def plan() -> Plan:
        yield from probes.written(mission, 1, [])
        return PhaseRecord(phase="execute", artifacts={})

    _, made = answered(plan(), said)
    assert [action.args.get("decision", action.tool) for action in made] == [
        "target", "probe", "play_written", "probe_repair", "play_written", "probe_repair", "play_written",
    ]  # fmt: skip
    assert made[3].args["slots"]["problem"] == "line 1: no"
    assert len({action.args["name"] for action in made if action.tool == "play_written"}) == 3


def test_no_model_is_asked_for_a_probe_that_would_not_run(mission: Mission) -> None:
    """The ledger says why, and the report's last page says it from there."""
    weak = replace(mission, settings=SETTINGS.model_copy(update={"sandbox": "rlimits"}))
    floor = Execution(phase="execute", artifacts={}, tests=(), proofs=(), suspected=(), log_flags=0)
    record, made = answered(execute.additions(weak, floor), {})
    assert record == floor and made == []
    (note,) = [record.data for record in mission.ledger.records(NOTE)]
    assert note["what"] == "probes that a model writes" and "rlimits does not stop: reads" in note["why"]
    allowed = replace(weak, settings=weak.settings.model_copy(update={"allow_weak_sandbox": True}))
    assert answered(execute.additions(allowed, floor), {})[1]


def test_added_hypotheses_bring_in_a_bounded_number_of_probes_that_did_not_run(mission: Mission) -> None:
    row = {"id": "M1", "subsystems": ["tools", "dag", "agent"], "statement": "s"}
    mission.workspace.write_json(RESEARCH, {"hypotheses": [row]})
    cards = execute.wanted(mission)
    assert 0 < len(cards) <= execute.MORE
    assert not {card.subsystem for card in cards} & set(ENTRY.subsystems)


def violated(probe: str, component: str, cause: str = "", entered: tuple[str, ...] = (), observed: str = "x") -> CaseVerdict:
    return CaseVerdict(
        probe=probe, case="c", control=False, component=component, title="t", params={}, verdict="violated", seconds=0.1, cause=cause,
        entered=entered, observed=observed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entered", "observed", "same"),
    [
        (("stageflow.a:F.run",), "wrong data", True),
        (("stageflow.a:F.other",), "wrong data", False),
        (("stageflow.a:F.run", "stageflow.b:G.make"), "TypeError raised in make()", False),
        (("stageflow.b:G.make", "stageflow.a:F.run"), "TypeError raised in run()", True),
    ],
)
def test_a_written_probe_that_may_show_a_known_defect_is_not_taken_to_court(
    mission: Mission, entered: tuple[str, ...], observed: str, same: bool
) -> None:
    record = Execution(phase="execute", artifacts={}, tests=(), proofs=(), suspected=(), log_flags=0)
    known = violated("dag/results_exact", "stageflow.Pipeline", cause="stageflow.a:F.run #order")
    row = violated("written/call_accepted", "stageflow.X", entered=entered, observed=observed)
    assert bool(execute.known_defect(row, CATALOGUE[row.probe], [known], mission, record)) == same


def test_a_model_is_shown_names_that_each_property_fits(mission: Mission) -> None:
    if not (SETTINGS.docs / "upstream" / "1.2.0").is_dir():
        pytest.skip("the release's documentation is not here: run `make docs`")

    def symbol(name: str, place: str, signature: str, kind: str = "class") -> dict[str, Any]:
        return {"name": name, "kind": kind, "signature": signature, "exported_by": [place, "stageflow.a"], "doc": ""}

    shown = probes.candidates(
        mission,
        [
            symbol("stageflow.tools.registry.register_tool", "stageflow.tools", "def register_tool(tool_instance: Tool)", "function"),
            symbol("stageflow.context.x.Snapshot", "stageflow.context", "class Snapshot(extensions: T | None = None)"),
            symbol("stageflow.context.x.Snapshot.to_dict", "stageflow.context", "def to_dict(self)", "method"),
            symbol("stageflow.context.x.Snapshot.from_dict", "stageflow.context", "def from_dict(data)", "method"),
        ],
    )
    assert [line.partition(",")[0].rstrip(")") for line in shown] == [
        "stageflow.tools.register_tool (decorator_keeps",
        "stageflow.context.Snapshot (call_accepted",
        "stageflow.context.Snapshot (round_trip",
    ]


def test_a_note_holds_no_address_and_no_markup(mission: Mission) -> None:
    noted(mission, "report", "summary", "not in the table: https://evil.example/x, <b>[click](y)</b>")
    (line,) = mission.ledger.records(NOTE)
    assert line.data["why"] == "not in the table: (an address) bclick(y)/b"


FLOOR_DX = Evaluation(phase="evaluate", artifacts={"dx_evaluation/scores.json": "0" * 64}, scores=())
FAILS = {
    "worked": False,
    "stage": "ran",
    "wrong_names": ["stageflow.Flow"],
    "said": "ImportError: Flow",
    "script": "dx_evaluation/newcomer/x.py.txt",
}


def test_a_newcomer_has_a_few_attempts_and_its_confusion_is_written_down(mission: Mission) -> None:
    said = {"newcomer": {"code": "import stageflow"}, "newcomer_again": {"code": "import stageflow  # again"}, "play_newcomer": FAILS}
    record, made = answered(evaluate.additions(mission, FLOOR_DX), said)
    assert isinstance(record, Evaluation) and record.artifacts.keys() > FLOOR_DX.artifacts.keys() and record.scores == FLOOR_DX.scores
    names = [str(action.args.get("decision", action.tool)) for action in made]
    assert names == ["newcomer", "play_newcomer", "newcomer_again", "play_newcomer"] * len(TASKS)
    rows = mission.workspace.read_json(evaluate.FILES[0])
    assert [(row["task"], row["attempt"]) for row in rows] == [(task, attempt) for task in TASKS for attempt in (1, 2)]
    page = mission.workspace.path(evaluate.FILES[1]).read_text(encoding="utf-8")
    assert "| two-stages | 2 | no | stageflow.Flow |" in page and "ImportError: Flow" in page
    again = next(action for action in made if action.args.get("decision") == "newcomer_again")
    assert again.args["slots"]["problem"] == "ImportError: Flow"


def test_a_newcomer_who_did_it_is_asked_no_more(mission: Mission) -> None:
    said = {"newcomer": {"code": "import stageflow"}, "play_newcomer": FAILS | {"worked": True, "wrong_names": [], "said": ""}}
    _, made = answered(evaluate.additions(mission, FLOOR_DX), said)
    assert [str(action.args.get("decision", action.tool)) for action in made] == ["newcomer", "play_newcomer"] * len(TASKS)


@pytest.mark.parametrize("stage", ["sandbox", "approval"])
def test_what_may_not_run_is_noted_and_leaves_the_floor(stage: str, mission: Mission) -> None:
    said = {"newcomer": {"code": "import stageflow"}, "play_newcomer": FAILS | {"stage": stage, "said": "not here"}}
    record, _ = answered(evaluate.additions(mission, FLOOR_DX), said)
    assert record == FLOOR_DX and len(mission.ledger.records(NOTE)) == len(TASKS)


def test_a_model_that_says_nothing_leaves_the_floor(mission: Mission) -> None:
    record, _ = answered(evaluate.additions(mission, FLOOR_DX), {})
    assert record == FLOOR_DX
