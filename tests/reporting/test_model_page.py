"""The last page tells what a model added, or that none was asked, from the run folder alone."""

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.harmless import harmless
from agent.core.ledger import Ledger
from agent.core.pages import page, verbatim
from agent.core.workspace import Workspace
from agent.models.added import PASSAGES, RESEARCH, SUMMARY, Passage
from agent.reporting.model_page import UNKNOWN, cost_of, model_facts, tokens_of

CALL = {"provider": "groq", "model": "m|1", "prompt_tokens": 900, "answer_tokens": 100, "cost": 0.001, "outcome": "answered"}


def marker(
    workspace: Workspace, phase: str, name: str, tool: str, result: dict[str, Any], finished: str = "2026-01-01T00:00:00+00:00"
) -> None:
    call = f"{phase}/{name}-0123456789"
    raw = {"call_id": call, "tool": tool, "ok": True, "result": result, "seconds": 1.5, "finished_at": finished}
    workspace.write_json(f"results/calls/{call}.json", raw)


def asked(answer: dict[str, Any] | None, *calls: dict[str, Any], source: str = "model", why: str = "") -> dict[str, Any]:
    return {"ok": answer is not None, "source": source, "answer": answer, "why": why, "calls": list(calls)}


def test_a_run_without_a_model_says_so(tmp_path: Path) -> None:
    facts = model_facts(Workspace(tmp_path))
    assert facts.rows == () and "No model was asked" in page("model_page.md.j2", m=facts)
    assert "No model was asked" in page("model_page.html.j2", m=facts)


def test_every_decision_is_told_with_what_it_cost_and_what_became_of_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    marker(workspace, "execute", "ask-target-1", "ask_model", asked({"oracle": "round_trip", "subject": "stageflow.X"}, CALL))
    marker(workspace, "execute", "ask-probe-1", "ask_model", asked({"code": "x"}, CALL | {"cost": None}))
    marker(workspace, "execute", "play-1-1", "play_written", {"ok": False, "stage": "names", "problem": "no such | name"})
    marker(
        workspace, "execute", "ask-probe_repair-1-1", "ask_model", asked({"code": "y"}, CALL | {"prompt_tokens": None}, source="repaired")
    )
    marker(workspace, "execute", "play-1-2", "play_written", {"ok": True, "stage": "played", "sightings": []})
    marker(workspace, "report", "ask-summary", "ask_model", asked({"text": "It went  well."}, CALL), "2026-01-02T00:00:00+00:00")
    marker(workspace, "recommend", "ask-suggestions", "ask_model", asked(None, source="playbook", why="a limit was met"))
    workspace.write_json(SUMMARY, {"text": "It went well."})
    Ledger(tmp_path).append("model_note", "k", {"phase": "execute", "what": "<b>", "why": "dropped"})
    facts = model_facts(workspace)
    told = {row.decision: row for row in facts.rows}
    assert told["probe"].outcome == "dropped at names: no such  name" and told["probe"].cost == UNKNOWN
    assert told["probe_repair"].outcome == "played: the property holds" and told["probe_repair"].tokens == UNKNOWN
    assert told["summary"].outcome == "printed" and told["target"].tokens == "1000" and told["target"].cost == "0.001000 USD"
    assert told["suggestions"].outcome == "the playbook's way: a limit was met" and told["suggestions"].model == "none"
    assert (facts.cost, facts.tokens, facts.seconds) == (UNKNOWN, "3000, 1 of 4 calls unknown", 7.5)
    text = page("model_page.md.j2", m=facts)
    assert "| groq m/1 |" in text and "no such  name" in text
    assert "&lt;b&gt;" in page("model_page.html.j2", m=facts)


@pytest.mark.parametrize(
    ("calls", "tokens", "cost"),
    [
        ([], "0", "0.000000 USD"),
        ([CALL, CALL], "2000", "0.002000 USD"),
        ([CALL, CALL | {"cost": None}], "2000", UNKNOWN),
        ([CALL | {"answer_tokens": None}], UNKNOWN, "0.001000 USD"),
    ],
)
def test_what_is_unknown_is_never_counted_as_nothing(calls: list[dict[str, Any]], tokens: str, cost: str) -> None:
    assert (tokens_of(calls), cost_of(calls)) == (tokens, cost)


def test_a_hypothesis_is_shown_with_the_words_it_quotes_and_where_they_stand(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    marker(workspace, "research", "ask-hypotheses", "ask_model", asked({}, CALL))
    source = Passage(id="P9", kind="web", place="https://a.example/x", title="<A> [page]", text="t", sha256="1" * 64, page_sha256="2" * 64)
    row = {"id": "X-M1", "statement": "s", "prediction": "p", "refuted_by": "r", "passage": "P9", "quote": "a *quote* with <b>marks</b>"}
    workspace.write(PASSAGES, source.model_copy(update={"retrieved_at": "2026-01-01T00:00:00+00:00"}).model_dump_json() + "\n")
    workspace.write_json(RESEARCH, {"searches": [], "pages": [], "hypotheses": [row, row | {"id": "X-M2", "passage": "P1"}]})
    facts = model_facts(workspace)
    assert [claim.id for claim in facts.claims] == ["X-M1"], "without its passage a hypothesis is not shown as sourced"
    text = page("model_page.md.j2", m=facts)
    assert r"a \*quote\* with \<b\>marks\</b\>" in text and "no web page was asked for" in text
    assert all(words in text for words in ("https://a.example/x", "2026-01-01T00:00:00+00:00", "1" * 64, "2" * 64, "P9"))
    assert "<q>a *quote* with &lt;b&gt;marks&lt;/b&gt;</q>" in page("model_page.html.j2", m=facts)


@given(st.text())
def test_words_are_shown_as_they_are(text: str) -> None:
    shown = verbatim(text)
    assert re.sub(r"\\(.)", r"\1", shown) == " ".join(harmless(text).split())
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>*_`\[\]|]", shown)
