"""`add_finding.py` as a person or a program calls it."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.core.settings import project_root

BUG = {
    "title": "Memory leak in RetryStage",
    "description": "Connections are not closed on failure",
    "type": "reliability",
    "severity": "high",
    "component": "RetryStage",
    "reproduction": "When retry exceeds max_attempts, connections remain open",
    "impact": "Resource exhaustion in long-running pipelines",
    "recommendation": "Add a context manager",
}
RUN = "run-2026-01-02-001"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the script needs, so that the real root stays clean."""
    root = tmp_path / "project"
    shutil.copytree(project_root() / "agent" / "core", root / "agent" / "core", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "agent" / "__init__.py").touch()
    shutil.copy(project_root() / "add_finding.py", root)
    (root / "runs" / "FIN-001" / RUN / "results").mkdir(parents=True)
    return root


def command(project: Path, *arguments: str, kind: str = "bug", entry: str | None = None) -> list[str]:
    text = json.dumps(BUG) if entry is None else entry
    return [sys.executable, str(project / "add_finding.py"), "--file", kind, "--entry", text, "--agent", "claude-3.5-sonnet", *arguments]


def call(project: Path, *arguments: str, cwd: Path | None = None, typed: bytes = b"", **options: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STAGEFLOW_AGENT_")}
    return subprocess.run(
        command(project, *arguments, **options), cwd=cwd or project, env=environment, input=typed, capture_output=True, timeout=30
    )


def ids(folder: Path, file: str = "bugs.json") -> list[str]:
    return [row["id"] for row in json.loads((folder / file).read_text(encoding="utf-8"))["findings"]]


def test_one_line_on_success_and_ids_count_up(project: Path) -> None:
    for number in (1, 2):
        done = call(project)
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode() == f"BUG-{number:03d} logged in {project / 'bugs.json'}\n"
    assert ids(project) == ["BUG-001", "BUG-002"]


@pytest.mark.parametrize(
    ("kind", "entry", "file", "name"),
    [
        (
            "dx",
            {"title": "t", "description": "d", "category": "c", "severity": "medium", "component": "c", "impact": "i"},
            "dx.json",
            "DX-001",
        ),
        (
            "improvement",
            {"title": "t", "description": "d", "type": "stagekind_suggestion", "priority": "P0", "category": "plus_package"},
            "improvements.json",
            "IMP-001",
        ),
        (
            "strength",
            {"title": "t", "description": "d", "component": "Stage", "evidence": "e", "impact": "high"},
            "strengths.json",
            "STR-001",
        ),
    ],
)
def test_the_other_kinds(project: Path, kind: str, entry: dict[str, str], file: str, name: str) -> None:
    done = call(project, kind=kind, entry=json.dumps(entry))
    assert done.stdout.decode() == f"{name} logged in {project / file}\n"
    assert ids(project, file) == [name]


def test_where_it_writes(project: Path, tmp_path: Path) -> None:
    run = project / "runs" / "FIN-001" / RUN
    places = [
        (project, (), project),
        (tmp_path, (), project),
        (run, (), run),
        (run / "results", (), run),
        (tmp_path, ("--run", RUN), run),
        (tmp_path, ("--run", f"FIN-001/{RUN}"), run),
        (tmp_path, ("--run", str(run)), run),
        (run.parent, ("--run", f"./{RUN}"), run),
        (tmp_path, ("--run", "."), tmp_path),
    ]
    logged = {folder: 0 for *_, folder in places}
    for cwd, arguments, folder in places:
        done = call(project, *arguments, cwd=cwd)
        logged[folder] += 1
        assert done.stdout.decode() == f"BUG-{logged[folder]:03d} logged in {folder / 'bugs.json'}\n", done.stderr


def test_a_run_that_is_not_clear(project: Path) -> None:
    (project / "runs" / "OBS-001" / RUN).mkdir(parents=True)
    for name, words in (
        (RUN, "FIN-001"),
        ("nowhere", "there is no folder"),
        ("FIN-001", "name one of them"),
        ("", "no folder"),
        ("x" * 5000, "cannot use"),
    ):
        done = call(project, "--run", name)
        assert (done.returncode, done.stdout) == (2, b"")
        assert words in done.stderr.decode()
        assert done.stderr.count(b"\n") == 1


def test_entries_from_standard_input_and_from_a_file(project: Path) -> None:
    (project / "entry.json").write_text("\ufeff" + json.dumps(BUG | {"title": "überlang"}, ensure_ascii=False), encoding="utf-8")
    assert call(project, entry="-", typed=json.dumps(BUG).encode()).returncode == 0
    assert call(project, entry="@entry.json").returncode == 0
    assert [row["title"] for row in json.loads((project / "bugs.json").read_text(encoding="utf-8"))["findings"]] == [
        BUG["title"],
        "überlang",
    ]


def test_json_for_machines(project: Path) -> None:
    done = call(project, "--json", entry=json.dumps(BUG | {"id": "BUG-500"}))
    assert json.loads(done.stdout) == {"id": "BUG-001", "path": str(project / "bugs.json"), "new": True}
    assert done.stderr.decode() == "id: ignored, the ledger gives it\n"


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        ('{"title": "x",}', ["entry: not valid JSON"]),
        ("@absent.json", ["entry: cannot read absent.json"]),
        (json.dumps({key: value for key, value in BUG.items() if key != "impact"}), ["impact: required field is missing"]),
        (json.dumps(BUG | {"severity": "urgent"}), ["severity: 'urgent' is not one of critical, high, medium, low, info"]),
        (json.dumps(BUG | {"titel": "x", "type": "y"}), ["type: 'y' is not one of", "titel: unknown field; did you mean title?"]),
        ("-", ["entry: not UTF-8 text"]),
    ],
)
def test_an_unusable_entry_is_told_line_by_line_and_changes_nothing(project: Path, entry: str, lines: list[str]) -> None:
    call(project)
    before = {path: path.read_bytes() for path in project.iterdir() if path.is_file()}
    done = call(project, entry=entry, typed=b"\xff{}")
    told = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(told)) == (2, b"", len(lines))
    assert all(line.startswith(start) for line, start in zip(told, lines, strict=True))
    assert {path: path.read_bytes() for path in project.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("arguments", [("--file", "bugs"), ("--wat",), ("--agent", " ")])
def test_wrong_usage_is_one_line(project: Path, arguments: tuple[str, ...]) -> None:
    done = call(project, *arguments)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert not (project / "bugs.json").exists()


def test_a_place_that_cannot_be_written(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert call(project, "--run", str(tmp_path / "file")).returncode == 4
    folder = tmp_path / "folder"
    (folder / "bugs.json").mkdir(parents=True)
    done = call(project, "--run", str(folder))
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (4, b"", 1)
    if os.geteuid() != 0:
        folder.chmod(0o500)
        assert call(project, "--run", str(folder)).returncode == 4


def test_eight_writers_at_once_lose_nothing(project: Path) -> None:
    code = "import sys, add_finding; sys.exit(max(add_finding.main(sys.argv[1:]) for _ in range(10)))"  # one start for ten calls
    arguments = [sys.executable, "-c", code, *command(project)[2:]]
    writers = [subprocess.Popen(arguments, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    told = [line.split()[0] for writer in writers for line in writer.communicate(timeout=60)[0].splitlines()]
    assert [writer.returncode for writer in writers] == [0] * 8
    assert sorted(told) == ids(project) == [f"BUG-{n:03d}" for n in range(1, 81)]


def test_killed_calls_leave_a_readable_project(project: Path) -> None:
    told: list[str] = []
    for delay in (0.05, 0.12, 0.15, 0.17, 0.19, 0.21, 0.24, 0.3):
        with subprocess.Popen(command(project), cwd=project, stdout=subprocess.PIPE, text=True) as caller:
            time.sleep(delay)
            caller.send_signal(signal.SIGKILL)
            assert caller.stdout is not None
            told += [line.split()[0] for line in caller.stdout if line.endswith("\n")]
    last = call(project)
    assert last.returncode == 0, last.stderr
    found = ids(project)
    assert found == [f"BUG-{n:03d}" for n in range(1, len(found) + 1)]
    assert set(told) <= set(found)


def test_it_starts_light(project: Path) -> None:
    code = "import sys, add_finding; print([m for m in ('stageflow', 'langgraph', 'httpx', 'groq', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, timeout=30)
    assert done.stdout == "[]\n"
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "add_finding.py", "--help"], cwd=project, capture_output=True, check=True, timeout=30)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.6, "a third of a second on an idle core; tests run beside it"
