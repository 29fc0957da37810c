"""The trace of a mission with a model, killed while it asked and resumed: one tree, nothing twice, and a collector gets the same."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from agent.cli import main
from agent.core.workspace import Workspace
from agent.models.budget import spent
from agent.models.calls import CallStore
from agent.models.faulty.behaviours import BEHAVIOURS
from agent.models.faulty.contract import LISTED
from agent.models.faulty.server import FaultServer
from agent.models.script import Script, ScriptLine
from agent.reporting.model_page import model_facts
from agent.reporting.spans import FILE, Span, read_spans
from tests.conftest import ROOT, Finished, assert_one_tree
from tests.serving import serving

pytestmark = pytest.mark.slow
KEY = "gsk_trace0123456789abcdef"
ASKED_BEFORE_THE_KILL = 3
REPLIES = (
    {"name": "summary", "reply": {"text": "The mission confirmed defects."}, "times": 0},
    {"reply": "I would rather not.", "times": 0},
)
"""Every decision but one is asked back once and then left to the playbook: many calls in little time."""


class Collector(ThreadingHTTPServer):
    """Takes OTLP over HTTP, as OpenTelemetry's collector does."""

    daemon_threads = True

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.services: set[str] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        assert self.path == "/v1/traces"
        for resource in request.resource_spans:
            self.server.services |= {a.value.string_value for a in resource.resource.attributes if a.key == "service.name"}
            self.server.spans += [span for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass
class Traced:
    runs: Path
    folder: Path
    earlier: int
    """Spans that were there when the last process began."""
    said: str
    collected: list[Any] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder)

    @property
    def spans(self) -> list[Span]:
        return read_spans(self.workspace)

    @property
    def chats(self) -> list[Span]:
        return [span for span in self.spans if span.name.startswith("chat ")]


@pytest.fixture(scope="module")
def traced(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> Traced:
    """A finished playbook mission gets a model; the process is killed while it asks, the next one goes on to the end."""
    runs, log = tmp_path_factory.mktemp("traced"), tmp_path_factory.mktemp("log") / "asked"
    folder = runs / mission.folder.parent.name / mission.folder.name
    shutil.copytree(mission.folder, folder)
    (folder / "FINAL_REPORT.md").unlink()
    shutil.rmtree(folder / "results/records")
    server = FaultServer(BEHAVIOURS["good"], Script(ScriptLine.model_validate(line) for line in REPLIES), LISTED, log=log)
    collector = Collector()
    with ExitStack() as stack:
        for one in (server, collector):
            stack.enter_context(serving(one))
        env = os.environ | {
            "OPENAI_BASE_URL": f"{server.url}/openai/v1",
            "OPENAI_API_KEY": KEY,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",
            "STAGEFLOW_AGENT_REQUESTS_PER_MINUTE": "1000000",
            "STAGEFLOW_AGENT_TOKENS_PER_MINUTE": "1000000",
        }
        where = ["--runs", str(runs), "--search", "offline", "--provider", "openai_compatible"]
        command = [sys.executable, "-m", "agent", *where, "--resume", "--traces", "otlp"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True)
        until = time.monotonic() + 60
        while not (log.exists() and len(log.read_text().splitlines()) >= ASKED_BEFORE_THE_KILL) and time.monotonic() < until:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        earlier = len(read_spans(Workspace(folder)))
        collector.spans.clear()
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return Traced(runs, folder, earlier, done.stdout, collector.spans, collector.services)


def test_it_is_one_tree_over_all_processes_and_nothing_is_in_it_twice(traced: Traced) -> None:
    assert_one_tree(traced.spans)
    assert len((traced.folder / FILE).read_text(encoding="utf-8").splitlines()) - len(traced.spans) <= 1, "more than a torn line"
    by_id = {span.span_id: span for span in traced.spans}
    assert {span.name for span in traced.spans if span.parent_span_id is None} == {"invoke_agent stageflow-agent"}
    over = {span.name.partition(" ")[0]: by_id[span.parent_span_id].name for span in traced.spans if span.parent_span_id}
    assert over["chat"].startswith("decision ") and over["decision"] == "execute_tool ask_model"
    assert over["gate"].startswith("phase ") and over["phase"] == "invoke_agent stageflow-agent"


def test_every_attempt_on_the_wire_and_every_committed_call_has_one_span(traced: Traced) -> None:
    records = CallStore(traced.folder).all()
    stored = sorted((record.key, number + 1) for record in records for number in range(len(record.attempts)))
    assert stored == sorted((s.attributes["stageflow_agent.call.key"], s.attributes["stageflow_agent.call.attempt"]) for s in traced.chats)
    assert len(stored) > ASKED_BEFORE_THE_KILL
    markers = sorted(f"{path.parent.name}/{path.stem}" for path in (traced.folder / "results/calls").glob("*/*.json"))
    assert markers == sorted(str(s.attributes["gen_ai.tool.call.id"]) for s in traced.spans if s.name.startswith("execute_tool "))


def test_tokens_and_cost_are_those_of_the_budget_and_of_the_report(traced: Traced, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "--runs", str(traced.runs), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    facts, used = model_facts(traced.workspace), spent(CallStore(traced.folder).all())
    assert told["total"]["budgeted"] == used.tokens > 0
    assert (told["total"]["tokens"], told["total"]["cost"]) == (facts.tokens, facts.cost)
    assert facts.cost == "unknown" and not any("stageflow_agent.cost_usd" in span.attributes for span in traced.chats)
    assert sum(row["calls"] for row in told["calls"]) == told["total"]["calls"] == len(traced.chats)
    assert main(["trace", "--runs", str(traced.runs)]) == 0
    shown = capsys.readouterr().out
    assert "decision summary" in shown and "| all " in shown and "not finished" not in shown


def test_a_span_holds_hashes_and_no_word_of_a_prompt_or_key(traced: Traced) -> None:
    raw = (traced.folder / FILE).read_text(encoding="utf-8")
    assert KEY not in raw
    for record in CallStore(traced.folder).all():
        assert record.attempts[-1].prompt_sha256 in raw
        for message in record.request.messages:
            assert not [line for line in message.content.splitlines() if len(line) > 60 and json.dumps(line)[1:-1] in raw]


def test_names_are_those_of_the_conventions(traced: Traced) -> None:
    known = {value for value in vars(gen_ai_attributes).values() if isinstance(value, str) and value.startswith("gen_ai.")}
    names = {name for span in traced.spans for name in span.attributes}
    assert {name for name in names if name.startswith("gen_ai.")} <= known
    assert {name for name in names if not name.startswith(("gen_ai.", "stageflow_agent."))} <= {"error.type"}
    assert {s.attributes.get("gen_ai.operation.name") for s in traced.spans} == {"chat", "execute_tool", "invoke_agent", None}


def test_a_collector_got_what_the_last_process_did(traced: Traced) -> None:
    ids = [span.span_id.hex() for span in traced.collected]
    assert sorted(ids) == sorted(span.span_id for span in traced.spans[traced.earlier :])
    assert traced.services == {"stageflow-agent"} and "did not reach" not in traced.said


def test_the_whole_trace_can_be_sent_later(traced: Traced, monkeypatch: pytest.MonkeyPatch) -> None:
    collector = Collector()
    with serving(collector):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        assert main(["trace", "--runs", str(traced.runs), "--send", "otlp"]) == 0
    got = {span.span_id.hex(): span for span in collector.spans}
    assert len(got) == len(collector.spans) == len(traced.spans)
    for span in traced.spans:
        sent = got[span.span_id]
        assert (sent.trace_id.hex(), sent.parent_span_id.hex()) == (span.trace_id, span.parent_span_id or "")
        assert (sent.name, sent.start_time_unix_nano, sent.end_time_unix_nano) == (span.name, span.start_ns, span.end_ns)
        assert {a.key for a in sent.attributes} == set(span.attributes) and (sent.status.code == 2) == (span.status == "error")


def test_a_file_gets_lines_of_otlp(traced: Traced, tmp_path: Path) -> None:
    assert main(["trace", "--runs", str(traced.runs), "--send", str(tmp_path / "out.jsonl")]) == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    fields = [line["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for line in lines]
    assert [f["spanId"] for f in fields] == [span.span_id for span in traced.spans]
    assert all(ParseDict(line, TracesData()).resource_spans for line in lines)


@pytest.mark.parametrize(
    ("where", "words"),
    [("otlp", r"spans did not reach the collector \(.*Connection"), ("/nowhere/at/all", "cannot write /nowhere/at/all: No such file")],
)
def test_what_cannot_be_sent_is_told(
    where: str, words: str, traced: Traced, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    began = time.monotonic()
    assert main(["trace", "--runs", str(traced.runs), "--send", where]) == 4
    assert time.monotonic() - began < 6
    assert re.search(words, capsys.readouterr().err)


def test_without_the_extra_one_line_says_what_to_install(traced: Traced, tmp_path: Path) -> None:
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry/__init__.py").write_text("")
    command = [sys.executable, "-m", "agent", "trace", "--runs", str(traced.runs), "--send", "otlp"]
    env = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 4 and "pip install opentelemetry-sdk" in done.stderr and len(done.stderr.splitlines()) == 1
