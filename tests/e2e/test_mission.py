"""One real mission through the real command line, killed several times on its way: what it leaves must be complete and true."""

import contextlib
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from agent.core.artifacts import CATEGORIES, RECORDS
from agent.core.findings import KINDS, check_finding
from agent.core.workspace import Workspace
from agent.models.budget import PHASES, spent
from agent.models.calls import CallStore
from agent.reporting.spans import read_spans
from bench.model.kills import answers, killed, records, requests
from bench.model.missions import command, server, unfinished
from tests.conftest import KILLS, ROOT, Finished, agent, assert_one_tree


def test_it_was_killed_and_finished_all_the_same(mission: Finished) -> None:
    assert mission.killed == len(KILLS)
    for phase in RECORDS:
        assert mission.json(f"results/records/{phase}.json")["missing"] == [], phase
    assert len(list(mission.runs.glob("*/run-*"))) == 1


def test_no_call_is_made_again_after_its_commit(mission: Finished) -> None:
    committed: set[str] = set()
    for line in mission.ledger():
        call = line["data"].get("call")
        if line["kind"] == "call_started":
            assert call not in committed, f"{call} was executed again"
        elif line["kind"] == "call_committed":
            committed.add(call)
    markers = {f"{p.parent.name}/{p.stem}" for p in (mission.folder / "results/calls").glob("*/*.json")}
    assert committed == markers


def test_the_trace_survives_the_kills(mission: Finished) -> None:
    spans = read_spans(Workspace(mission.folder))
    assert_one_tree(spans)
    assert [span.name for span in spans if span.parent_span_id is None] == ["invoke_agent stageflow-agent"]
    assert [span.name for span in spans if span.name.startswith("phase ")] == [f"phase {name}" for name in RECORDS]
    markers = [f"{path.parent.name}/{path.stem}" for path in (mission.folder / "results/calls").glob("*/*.json")]
    assert sorted(markers) == sorted(str(s.attributes["gen_ai.tool.call.id"]) for s in spans if s.name.startswith("execute_tool "))


def test_findings_are_proven_unique_and_schema_checked(mission: Finished) -> None:
    bugs = mission.json("bugs.json")["findings"]
    assert len(bugs) >= 15
    for kind, spec in KINDS.items():
        rows = mission.json(spec.file)["findings"] if (mission.folder / spec.file).exists() else []
        assert len({row["id"] for row in rows}) == len(rows)
        for row in rows:
            check_finding(kind, {k: v for k, v in row.items() if k not in ("id", "agent", "timestamp")})
    titles = Counter((bug["title"], bug["component"]) for bug in bugs)
    assert [title for title, n in titles.items() if n > 1] == []
    confirmed = {p["fingerprint"] for p in mission.json("results/records/execute.json")["proofs"] if p["status"] == "confirmed"}
    logged = {line["key"] for line in mission.ledger() if line["kind"] in ("bug", "dx") and not line["key"].startswith("dx-")}
    assert confirmed == logged


def test_proofs_stand_alone(mission: Finished) -> None:
    """A sample of the scripts, by hand, in an interpreter that knows nothing of the project."""
    scripts = sorted((mission.folder / "findings").glob("BUG-*/repro.py"))
    for script in scripts[:: max(1, len(scripts) // 5)]:
        done = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, f"{script}: {done.stdout}{done.stderr}"
        assert "components" not in re.findall(r"^(?:from|import) (\w+)", script.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_category_was_executed_with_log_and_analysis(mission: Finished) -> None:
    tests = mission.json("results/records/execute.json")["tests"]
    assert {test["category"] for test in tests} == set(CATEGORIES)
    for test in tests:
        assert list((mission.folder / "results/logs").glob(f"{test['id']}_2*.log*")), test["id"]
        for kind in ("analysis.md", "stats.json", "errors.json"):
            assert (mission.folder / f"results/logs/{test['id']}_{kind}").exists()


def test_nothing_is_cited_that_was_not_read(mission: Finished) -> None:
    searches = mission.json("research/search_results.json")
    assert searches and not any(search["results"] for search in searches)
    assert all(search["error"] for search in searches)
    citations = mission.json("research/citations.json")
    assert citations and {c["kind"] for c in citations} == {"documentation"}
    for citation in citations:
        assert (ROOT / "stageflow-docs" / citation["path"]).is_file()


def test_report_has_every_section_and_every_bug(mission: Finished) -> None:
    report = (mission.folder / "FINAL_REPORT.md").read_text(encoding="utf-8")
    assert [int(n) for n in re.findall(r"^## (\d+)\.", report, re.MULTILINE)] == list(range(1, 16))
    html = (mission.folder / "report.html").read_text(encoding="utf-8")
    for bug in mission.json("bugs.json")["findings"]:
        assert bug["id"] in report and bug["id"] in html
    assert "<svg" in html and "src=" not in html and "<script" not in html
    assert report.count("| yes |") == 11, report[:4000]


def test_links_of_the_report_lead_somewhere(mission: Finished) -> None:
    report = (mission.folder / "FINAL_REPORT.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)\)", report):
        assert (mission.folder / link).exists(), link


def test_a_copy_elsewhere_gives_the_same_verdicts(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> None:
    copy = tmp_path_factory.mktemp("elsewhere") / "run"
    shutil.copytree(mission.folder, copy)
    scripts = sorted((copy / "tests/probes").glob("*.py"))
    kept = {f"tests/probes/{script.name}" for script in scripts[::24]}
    verdicts = json.loads((copy / "tests/verdicts.json").read_text(encoding="utf-8"))
    verdicts["probes"] = [row for row in verdicts["probes"] if row["script"] in kept]
    some = sorted({row["test"] for row in verdicts["pipelines"]})[::6]
    verdicts["pipelines"] = [row for row in verdicts["pipelines"] if row["test"] in some]
    (copy / "tests/verdicts.json").write_text(json.dumps(verdicts), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_probes.py", "tests/test_pipelines.py"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stdout[-3000:]


def test_resuming_a_finished_run_changes_nothing(mission: Finished) -> None:
    before = (mission.folder / "bugs.json").read_bytes()
    done = agent("--runs", str(mission.runs), "--resume", f"{mission.folder.parent.name}/{mission.folder.name}")
    assert done.returncode == 0 and "finished" in done.stdout
    assert (mission.folder / "bugs.json").read_bytes() == before


def test_a_mission_without_a_model_cannot_be_replayed(mission: Finished) -> None:
    done = agent("replay", f"{mission.folder.parent.name}/{mission.folder.name}", "--runs", str(mission.runs))
    assert done.returncode == 2 and "holds no recording" in done.stderr


def test_lookups_show_the_run(mission: Finished) -> None:
    listed = json.loads(agent("runs", "--runs", str(mission.runs), "--json").stdout)
    assert [row["state"] for row in listed] == ["finished"]
    findings = json.loads(agent("findings", "--runs", str(mission.runs), "--json").stdout)
    assert {row["kind"] for row in findings} >= {"bug", "improvement"}


def test_the_report_can_be_written_again_without_checkpoint(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> None:
    runs = tmp_path_factory.mktemp("runs-copy")
    copy = runs / mission.folder.parent.name / mission.folder.name
    shutil.copytree(mission.folder, copy)
    (copy / "checkpoints.sqlite").unlink()
    before = (copy / "FINAL_REPORT.md").read_text(encoding="utf-8")
    done = agent("report", "--runs", str(runs))
    assert done.returncode == 0, done.stderr
    assert (copy / "FINAL_REPORT.md").read_text(encoding="utf-8") == before
    (copy / "results/records/evaluate.json").unlink()
    done = agent("report", "--runs", str(runs))
    assert done.returncode == 2 and "results/records/evaluate.json" in done.stderr and "--resume" in done.stderr, done.stderr


def calls_in(folder: Path) -> list[str]:
    """Ledger lines about tool calls and findings."""
    lines = (folder / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        line for line in lines if json.loads(line)["kind"] in ("call_started", "call_committed", "bug", "dx", "improvement", "strength")
    ]


def test_adoption_when_the_checkpoint_is_gone(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Without checkpoint and report the mission is walked again, and not one call is made; nor does it need the collector it is given."""
    runs = tmp_path_factory.mktemp("runs-adopted")
    copy = runs / mission.folder.parent.name / mission.folder.name
    shutil.copytree(mission.folder, copy)
    (copy / "checkpoints.sqlite").write_bytes(b"not a database at all")
    (copy / "FINAL_REPORT.md").unlink()
    before = calls_in(copy)
    bugs = (copy / "bugs.json").read_bytes()
    down = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = agent("--runs", str(runs), "--search", "offline", "--resume", "--traces", "otlp", env=down)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("adopted from earlier work") == 7
    assert "note: traces: 15 of 15 spans did not reach the collector" in done.stdout and not done.stderr
    assert (copy / "bugs.json").read_bytes() == bugs
    assert calls_in(copy) == before


@pytest.fixture(scope="module")
def with_model(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """The same mission with a good model on Groq's wire format, killed twice during a call and once after an answer was stored."""
    runs = tmp_path_factory.mktemp("runs-model")
    unfinished(mission.folder, runs)
    folder = runs / mission.folder.parent.name / mission.folder.name
    order = command(runs, "--resume", "--provider", "groq")
    log = runs / "requests.log"
    with server("good", log, 0.3) as env:
        env["STAGEFLOW_AGENT_CALL_SECONDS"] = "30"
        kills = sum(killed(order, env, folder, log, 0.1, in_air=in_air) for in_air in (True, False, True))
        done = subprocess.run(order, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return Finished(runs, folder, [done.stdout], kills)


def test_a_model_adds_a_proven_defect_and_takes_nothing_away(mission: Finished, with_model: Finished) -> None:
    floor = Counter(bug["title"] for bug in mission.json("bugs.json")["findings"])
    found = with_model.json("bugs.json")["findings"]
    assert not floor - Counter(bug["title"] for bug in found)
    written = [bug for bug in found if bug["context"].startswith("Probe written/")]
    assert written
    for bug in written:
        script = with_model.folder / "findings" / bug["id"] / "repro.py"
        done = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, done.stdout + done.stderr


def test_a_model_keeps_its_budgets_in_every_phase(with_model: Finished) -> None:
    calls = CallStore(with_model.folder).all()
    assert {call.phase for call in calls} == {"research", "simulate", "execute", "evaluate", "report", "recommend"}
    assert all(attempt.tokens <= 4_500 and attempt.estimated <= 4_500 for call in calls for attempt in call.attempts)
    total = 0
    for phase, share in PHASES.items():
        total += spent(calls, phase).tokens
        assert total <= 62_000 * share, phase


def test_an_answer_is_paid_once_whenever_the_mission_is_killed(with_model: Finished) -> None:
    assert with_model.killed == 3
    outcomes = [[attempt["outcome"] for attempt in call["attempts"]] for call in records(with_model.folder)]
    assert all("answered" not in row[:-1] for row in outcomes)
    assert sum(row.count("sent") for row in outcomes) >= 1
    assert requests(with_model.runs / "requests.log") <= sum(map(len, outcomes))
    assert answers(with_model.folder) == len(outcomes)


SCRIPT = [
    {"name": "target", "contains": "round_trip of", "reply": "nothing more", "times": 0},
    {
        "name": "target",
        "contains": "call_accepted of",
        "reply": {"oracle": "round_trip", "subject": "stageflow.helpers.MemoryEntry", "why": "kept"},
    },
    {"name": "target", "reply": {"oracle": "call_accepted", "subject": "stageflow.context.ContextSnapshot", "why": "rarely called so"}},
    {
        "name": "probe",
        "contains": "Tested: stageflow.context.ContextSnapshot",
        "reply": "```python\nfrom stageflow.context import ContextSnapshot\n\n\ndef call():\n    return ContextSnapshot, (), {}\n```",
    },
    {
        "name": "probe",
        "contains": "Tested: stageflow.helpers.MemoryEntry",
        "reply": "```python\nfrom uuid import UUID\nfrom stageflow.helpers import MemoryEntry\n\n\ndef make():\n"
        '    return MemoryEntry(id="m", session_id=UUID(int=7), role="user", content="c", metadata={})\n```',
    },
]
"""Two probes, no usable answer to anything else; each process reads it from its start."""


@pytest.mark.slow
def test_a_person_decides_before_code_of_a_model_runs(mission: Finished, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Rejected from one terminal, allowed at another, asked once each although the process ends in between and the checkpoint is lost."""
    runs = tmp_path_factory.mktemp("runs-approved")
    copy = runs / mission.folder.parent.name / mission.folder.name
    shutil.copytree(mission.folder, copy)
    (copy / "FINAL_REPORT.md").unlink()
    shutil.rmtree(copy / "results/records")
    script = runs / "script.jsonl"
    script.write_text("".join(json.dumps(line) + "\n" for line in SCRIPT), encoding="utf-8")
    where = ["--runs", str(runs), "--search", "offline"]
    stopped = agent(*where, "--resume", "--provider", "scripted", "--script", str(script), "--approve", "code", stdin=subprocess.DEVNULL)
    assert stopped.returncode == 5, stopped.stdout + stopped.stderr
    assert "def call():" in stopped.stdout and f"approve {copy.parent.name}/{copy.name} --runs {runs} --reject" in stopped.stdout
    assert json.loads(agent("runs", *where[:2], "--json").stdout)[0]["state"] == "waiting for approval"
    assert "def call():" in agent("approve", "--show", *where[:2]).stdout
    rejected = agent("approve", *where, "--reject", "not on my machine", stdin=subprocess.DEVNULL)
    assert rejected.returncode == 5 and "def make():" in rejected.stdout and "def call():" not in rejected.stdout, rejected.stdout
    (copy / "checkpoints.sqlite").unlink()
    terminal, ours = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "agent", *where, "--resume", "--provider", "scripted", "--script", str(script)],
        cwd=ROOT, stdin=ours, stdout=ours, stderr=ours, env={**os.environ, "COLUMNS": "200"}, close_fds=True,
    )  # fmt: skip
    os.close(ours)
    os.write(terminal, b"y\n")
    said = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while part := os.read(terminal, 65536):
            said += part
    os.close(terminal)
    assert process.wait(timeout=60) == 0, said.decode()[-2000:]
    assert said.count(b"def make():") == 1 and b"def call():" not in said
    report = (copy / "FINAL_REPORT.md").read_text(encoding="utf-8")
    assert "dropped at approval: a person did not allow it: not on my machine" in report
    assert "not on my machine" in (copy / "findings/dropped/probes-written-1-1.md").read_text(encoding="utf-8")
    assert (copy / "results/metrics/probes-written-2-1.json").exists()
    refused = agent("approve", *where)
    assert refused.returncode == 2 and "no run waits" in refused.stderr
    fork = ["replay", f"{copy.parent.name}/{copy.name}", "--runs", str(runs), "--fork-at"]
    for more, words in (
        (["99", "--provider", "none"], "there is no call 99"),
        (["1", "--provider", "none"], "nobody is named"),
        (["1", "--provider", "scripted"], "needs a file of replies"),
    ):
        told = agent(*fork, *more)
        assert told.returncode == 2 and words in told.stderr, told.stderr
    assert len(list(runs.glob("*/run-*"))) == 1
