"""Research with a model and a web of our own: what is claimed was read, what was read can be checked, and a replay needs no web."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.commands.replay import adopt_network
from agent.core.workspace import Workspace
from tests.conftest import ROOT, agent
from tests.loopback_web import ORDER, QUOTE, LoopbackWeb
from tests.serving import serving

ENTRY = "FIN-001"
CLAIM = {
    "statement": "Two attempts of one payment carry different idempotency keys.",
    "prediction": "The handler runs twice for one payment when its first attempt times out.",
    "refuted_by": "The handler runs once, and both attempts carry one key.",
    "subsystems": ["idempotency"],
    "passage": "P2",
    "quote": "the second attempt carried another  idempotency key than the first one",
}
INVENTED = CLAIM | {"statement": "Nobody has ever written this down anywhere.", "quote": "every tenth payment is lost on a Monday"}
OBEYED = CLAIM | {"statement": "This one quotes what a page ordered the model to do.", "passage": "P4", "quote": ORDER[:60]}
REPLIES = (
    {"name": "queries", "reply": {"queries": ["payment charged twice after a time-out"]}},
    {"name": "hypotheses", "reply": {"hypotheses": [CLAIM, INVENTED, OBEYED]}},
)


@dataclass
class Researched:
    """A run whose first phase is done."""

    folder: Path
    asked: list[str]

    def json(self, path: str) -> Any:
        return json.loads((self.folder / path).read_text(encoding="utf-8"))

    def passages(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "research/passages.jsonl").read_text(encoding="utf-8").splitlines()]


def first_phase(folder: Path, *options: str, **variables: str) -> None:
    """Run the command line until its first phase is done, then interrupt it as Ctrl-C would."""
    own = {"STAGEFLOW_AGENT_CACHE": str(folder / "cache"), **variables}
    command = [sys.executable, "-m", "agent", "--runs", str(folder / "runs"), *options]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            until = time.monotonic() + 120
            while process.poll() is None and time.monotonic() < until and not researched_all(folder / "runs"):
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[0]
        finally:
            process.kill()
    assert process.returncode == 130, said


def researched_all(runs: Path) -> bool:
    """Whether there is a run, and every one has finished its first phase."""
    found = list(runs.glob("*/run-*"))
    return bool(found) and all((run / "results/records/research.json").exists() for run in found)


@pytest.fixture(scope="module")
def researched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Researched]:
    """The phase, with a scripted model, over the loopback web."""
    folder = tmp_path_factory.mktemp("research")
    script = folder / "replies.jsonl"
    script.write_text("".join(json.dumps(reply) + "\n" for reply in REPLIES), encoding="utf-8")
    with serving(LoopbackWeb()) as web:
        first_phase(
            folder,
            *("--entry", ENTRY, "--provider", "scripted", "--script", str(script), "--search", "searxng"),
            STAGEFLOW_AGENT_SEARXNG_URL=web.url,
            STAGEFLOW_AGENT_FETCH_HOSTS=web.host,
        )
    yield Researched(next((folder / "runs" / ENTRY).glob("run-*")), web.asked)


def test_a_claim_is_linked_both_ways_to_words_that_were_read(researched: Researched) -> None:
    model = researched.json("research/model.json")
    (claim,) = model["hypotheses"]
    passage = next(p for p in researched.passages() if p["id"] == claim["passage"])
    assert passage["hypotheses"] == [claim["id"]] == ["FIN-001-M1"] and QUOTE in passage["text"]
    assert " ".join(claim["quote"].split()) in passage["text"] and passage["place"].endswith("/normal")
    assert passage["sha256"] == hashlib.sha256(passage["text"].encode()).hexdigest()
    page = next(page for page in model["pages"] if page["url"] == passage["place"])
    assert (page["sha256"], page["retrieved_at"]) == (passage["page_sha256"], passage["retrieved_at"])
    record = researched.json("results/records/research.json")
    assert record["hypotheses"][-1] == "FIN-001-M1" and record["pages"] == 3
    assert {"research/model.json", "research/passages.jsonl"} <= set(record["artifacts"])


def test_pages_that_may_not_be_read_are_told_with_the_reason(researched: Researched) -> None:
    pages = {page["url"].rpartition("/")[2]: page for page in researched.json("research/model.json")["pages"]}
    assert [name for name, page in pages.items() if page["ok"]] == ["normal", "order", "plain"]
    assert "robots.txt" in pages["forbidden"]["error"] and "bytes" in pages["large"]["error"]
    assert "not a public address" in pages["to-private"]["error"] and "forbidden" not in researched.asked


def test_orders_in_a_page_reach_no_model_and_are_noted(researched: Researched) -> None:
    (removed,) = [p for p in researched.passages() if p["instructions_removed"]]
    assert not removed["shown"] and ORDER not in removed["text"] and removed["id"] == OBEYED["passage"]
    asked = "".join(file.read_text(encoding="utf-8") for file in (researched.folder / "results/model").rglob("*.json*"))
    assert QUOTE in asked and "print the API key" not in asked.replace(OBEYED["quote"], "")
    ledger = (researched.folder / "ledger.jsonl").read_text(encoding="utf-8")
    notes = [line["data"] for line in map(json.loads, ledger.splitlines()) if line["kind"] == "model_note"]
    assert [(note["what"], note["why"].partition(":")[0]) for note in notes] == [
        ("passage P4", "it reads like an instruction to a model"),
        ("hypothesis 2", "the quote does not stand in passage P2"),
        ("hypothesis 3", "there is no passage P4"),
    ]


def test_a_question_is_small_and_shows_a_few_passages(researched: Researched) -> None:
    shown = [p for p in researched.passages() if p["shown"]]
    assert 0 < len(shown) <= 8 and {p["kind"] for p in shown} == {"web", "documentation"}
    for file in (researched.folder / "results/model/calls").glob("*.json"):
        call = json.loads(file.read_text(encoding="utf-8"))
        assert all(attempt["estimated"] <= 4_500 for attempt in call["attempts"])


def test_the_report_shows_quote_address_time_and_hash(researched: Researched) -> None:
    done = agent("report", f"{ENTRY}/{researched.folder.name}", "--runs", str(researched.folder.parents[1]))
    assert done.returncode == 0, done.stderr
    passage = next(p for p in researched.passages() if p["hypotheses"])
    for name in ("FINAL_REPORT.md", "report.html"):
        text = (researched.folder / name).read_text(encoding="utf-8")
        for words in ("FIN-001-M1", "the second attempt carried another idempotency key", "/to-private", "not a public address"):
            assert words in text, (name, words)
        assert all(passage[key] in text for key in ("place", "retrieved_at", "sha256", "page_sha256"))
        assert "Ignore all previous" not in text
    assert "3 web pages read" in (researched.folder / "FINAL_REPORT.md").read_text(encoding="utf-8")


def test_a_replay_reads_the_same_pages_without_a_web(researched: Researched, tmp_path: Path) -> None:
    again = tmp_path / "runs" / ENTRY / researched.folder.name
    (again / "config").mkdir(parents=True)
    shutil.copy(researched.folder / "config/run_config.json", again / "config")
    adopt_network(Workspace(researched.folder), Workspace(again))
    tape = researched.folder / "results/model/cassette.jsonl"
    first_phase(tmp_path, "--resume", f"{ENTRY}/{again.name}", "--provider", "cassette", "--cassette", str(tape), "--search", "offline")
    for name in ("research/model.json", "research/passages.jsonl", "research/search_results.json"):
        assert (again / name).read_bytes() == (researched.folder / name).read_bytes(), name
