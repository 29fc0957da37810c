"""Wherever a process is killed, the next one goes on with one tree: parents hold their children, and nothing is written twice."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core import events
from agent.core.chat import Message, Request
from agent.core.errors import WorkspaceUnwritable
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.models.calls import Attempt, CallRecord, CallStore
from agent.reporting.spans import FILE, Facts, SpanFile, read_spans
from agent.reporting.trace import TraceListener
from agent.reporting.trace_table import tree
from tests.conftest import assert_one_tree

ASKED = {"ok": False, "source": "playbook", "answer": None, "why": "no", "calls": [], "cut": ["table"], "neutralised": 2}


def listener(folder: Path, traces: str = "") -> TraceListener:
    heard = TraceListener(Workspace(folder), Settings.load({}, traces=traces))
    heard(events.MissionStarted("CORE-001", str(folder), resumed=False))
    return heard


def committed(
    folder: Path, call: str, tool: str, result: dict[str, object], ask: Callable[[], CallRecord] | None = None
) -> events.ActionFinished:
    """A call as the journal leaves it, and the question that was asked in it."""

    def effect() -> dict[str, object]:
        if ask:
            CallStore(folder).put(ask())
        return result

    done = Journal(Workspace(folder), Ledger(folder)).once(call, tool, effect)
    return events.ActionFinished("report", done, True)


def ended(heard: TraceListener, folder: Path) -> None:
    """The rest of a phase and of the mission."""
    heard(events.GateChecked("report", (), False, 0.0))
    heard(events.PhaseFinished("report", 1.0, adopted=False))
    heard(events.MissionFinished(str(folder), "FINAL_REPORT.md", 3, 1.0))
    assert heard.close() == ""


def asked(key: str, *outcomes: str, sent_at: float) -> CallRecord:
    attempts = tuple(Attempt(outcome=outcome, sent_at=sent_at, estimated=9, prompt_sha256="0" * 64) for outcome in outcomes)  # type: ignore[arg-type]
    request = Request(messages=(Message(role="user", content="secret words"),), max_tokens=5)
    names = {"question": key, "decision": "summary", "phase": "report", "provider": "groq", "model": "m"}
    return CallRecord(key=key, request=request, attempts=attempts, **names)


def test_a_call_that_was_committed_when_the_process_was_killed_gets_its_span_in_the_next(tmp_path: Path) -> None:
    first = listener(tmp_path)
    first(events.PhaseStarted("report", 6, "p"))
    first(events.ActionStarted("report", "report/ask-summary-0123456789", "ask_model", "a paragraph"))
    committed(tmp_path, "report/ask-summary-0123456789", "ask_model", ASKED, lambda: asked("a" * 24, "sent", sent_at=time.time()))
    first.close()
    assert read_spans(Workspace(tmp_path)) == []
    second = listener(tmp_path)
    second(events.ActionStarted("report", "report/x-0123456789", "log_finding", "log"))
    second(committed(tmp_path, "report/x-0123456789", "log_finding", {"id": "BUG-001"}))
    ended(second, tmp_path)
    spans = {span.name: span for span in read_spans(Workspace(tmp_path))}
    assert_one_tree(list(spans.values()))
    assert list(spans) == [
        "chat m",
        "decision summary",
        "execute_tool ask_model",
        "execute_tool log_finding",
        "gate report",
        "phase report",
        "invoke_agent stageflow-agent",
    ]
    assert spans["chat m"].attributes["error.type"] == "interrupted" and spans["chat m"].kind == "client"
    assert "gen_ai.usage.input_tokens" not in spans["chat m"].attributes and "stageflow_agent.cost_usd" not in spans["chat m"].attributes
    assert spans["decision summary"].attributes["stageflow_agent.cuts"] == ("table",)


def test_a_question_that_nobody_asked_again_belongs_to_its_phase(tmp_path: Path) -> None:
    heard = listener(tmp_path)
    CallStore(tmp_path).put(asked("b" * 24, "unavailable", "sent", sent_at=1_000_000.0))
    heard(events.PhaseStarted("report", 6, "p"))
    ended(heard, tmp_path)
    spans = read_spans(Workspace(tmp_path))
    assert_one_tree(spans)
    assert [line.text.split("  ")[0] for line in tree(spans)] == [
        "invoke_agent stageflow-agent",
        "phase report",
        "chat m",
        "chat m",
        "gate report",
    ]


def test_an_unfinished_trace_is_shown_as_such_and_another_walk_has_spans_of_its_own(tmp_path: Path) -> None:
    first = listener(tmp_path)
    first(events.GateChecked("report", ("more",), False, 0.0))
    first.close()
    lines = tree(read_spans(Workspace(tmp_path)))
    assert [line.text for line in lines] == ["not finished", "gate report  0.0 s  gate_unmet"]
    for _ in range(2):
        again = listener(tmp_path)
        again(events.PhaseStarted("report", 6, "p"))
        ended(again, tmp_path)
    spans = read_spans(Workspace(tmp_path))
    assert_one_tree(spans)
    assert [line.depth for line in tree(spans)] == [0, 1, 2, 2, 0, 1, 2]


def test_a_torn_last_line_is_passed_over(tmp_path: Path) -> None:
    heard = listener(tmp_path)
    heard(events.PhaseStarted("report", 6, "p"))
    ended(heard, tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    for size in (len(whole) - 1, len(whole) - 40):
        (tmp_path / FILE).write_bytes(whole[:size])
        again = listener(tmp_path)
        again(events.PhaseStarted("report", 6, "p"))
        ended(again, tmp_path)
        spans = read_spans(Workspace(tmp_path))
        assert len({span.trace_id for span in spans}) == 1 and sum(span.parent_span_id is None for span in spans) >= 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_ends_the_mission_and_a_full_copy_does_not(tmp_path: Path) -> None:
    heard = listener(tmp_path, traces="/dev/full")
    heard(events.PhaseStarted("report", 6, "p"))
    heard(events.GateChecked("report", (), False, 0.0))
    assert "No space left" in heard.close()
    shutil.rmtree(tmp_path / "results")
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(WorkspaceUnwritable):
        listener(tmp_path)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**9), st.integers(0, 10**9), st.booleans()), max_size=30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_parents_hold_their_children_whatever_the_clocks_said(tmp_path: Path, made: list[tuple[int, int, int, bool]]) -> None:
    """Spans end children first, at any times, some of them twice, in several processes."""
    (tmp_path / FILE).unlink(missing_ok=True)
    file = SpanFile(Workspace(tmp_path), lambda span: None)
    count = len(made)
    for number, (up, start, end, killed) in enumerate(made):
        above = number + 1 + up % (count - number)
        parent = file.id_of(above) if above < count else None
        for _ in range(2):
            file.write(file.id_of(number), parent, start, end, Facts("x"))
        if killed:
            file.close()
            file = SpanFile(Workspace(tmp_path), lambda span: None)
    file.close()
    spans = read_spans(Workspace(tmp_path))
    assert len(spans) == count == len((tmp_path / FILE).read_text().splitlines())
    assert_one_tree(spans)
    assert all(json.loads(line) for line in (tmp_path / FILE).read_text().splitlines())
