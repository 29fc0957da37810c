"""The generated pipelines: they compile, are tidy, run by themselves, and their verdicts can be read."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.core.errors import UsageError
from agent.core.roadmap import Entry
from agent.core.settings import project_root
from agent.workload import datasets, lab_files, pipeline_code, pipeline_tests, services_code
from tests.workload.entries import ENTRIES
from tests.workload.samples import sample

ALLOWED = {"mocks", "pipelines", "stageflow"} | sys.stdlib_module_names


def materialise(entry: Entry, root: Path) -> Path:
    files = (
        datasets(entry, 1)
        | services_code(entry)
        | lab_files(entry)
        | {f"pipelines/{name}": text for name, text in pipeline_code(entry).items()}
    )
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def execute(root: Path, pipeline: str, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "pipelines" / f"{pipeline}.py"), *args]
    return subprocess.run(command, cwd=root.parent, capture_output=True, text=True, timeout=60)


def result(root: Path, test: str) -> dict[str, Any]:
    return json.loads((root / "results" / "metrics" / f"{test}.json").read_text())


@pytest.fixture(scope="module")
def fraud(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return materialise(ENTRIES["FIN-001"], tmp_path_factory.mktemp("run"))


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
@pytest.mark.parametrize("name", sample(ENTRIES))
def test_all_five_are_generated_tidy_and_self_contained(name: str) -> None:
    entry = ENTRIES[name]
    files = pipeline_code(entry)
    assert files == pipeline_code(entry)
    assert list(files) == ["baseline.py", "stress.py", "chaos.py", "adversarial.py", "recovery.py"]
    for file, text in files.items():
        tree = ast.parse(text)
        compile(text, file, "exec")
        assert max(map(len, text.splitlines())) <= 120
        assert {module.split(".")[0] for module in imported(tree)} <= ALLOWED
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__":
                assert node.returns is not None or node.name == "stop"
                assert all(argument.annotation for argument in node.args.args if argument.arg != "self")
            if isinstance(node, ast.ClassDef):
                assert ast.get_docstring(node)


def imported(tree: ast.Module) -> list[str]:
    found = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return found + [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]


def test_ruff_finds_nothing_in_the_generated_files(fraud: Path) -> None:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W", "--line-length", "120"]
    done = subprocess.run([*command, *fraud.glob("pipelines/*.py"), fraud / "mocks"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_files_know_the_tests_that_are_announced(fraud: Path) -> None:
    tests = pipeline_tests(ENTRIES["FIN-001"])
    assert len(tests) >= 10
    assert {test.category for test in tests} == {
        "correctness", "reliability", "performance", "security", "scalability", "observability", "silent_failures"
    }  # fmt: skip
    listed = [json.loads(line) for name in ("baseline", "recovery") for line in execute(fraud, name, "--list").stdout.splitlines()]
    announced = [(test.id, test.category) for test in tests if test.pipeline in ("baseline", "recovery")]
    assert [(row["test"], row["category"]) for row in listed] == announced


@pytest.mark.parametrize("pipeline", ["baseline", "chaos"])
def test_smoke_runs_from_anywhere(fraud: Path, pipeline: str) -> None:
    done = execute(fraud, pipeline, "--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(json.loads(line)["level"] for line in done.stdout.splitlines())


def test_correctness_holds_and_is_measured(fraud: Path) -> None:
    done = execute(fraud, "baseline", "--test", "baseline-correctness")
    assert done.returncode == 0, done.stdout + done.stderr
    found = result(fraud, "baseline-correctness")
    assert {check["verdict"] for check in found["checks"]} == {"holds"}
    assert found["metrics"]["accuracy"] == found["metrics"]["recall"] == 1.0
    assert (fraud / found["events"]).exists()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(set(line) >= {"level", "time", "logger", "message", "correlation_id"} for line in lines)


def test_retries_counts_what_the_service_was_really_asked(fraud: Path) -> None:
    done = execute(fraud, "chaos", "--test", "chaos-retries", "--out", "results/metrics/elsewhere.json", "--seed", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    found = result(fraud, "elsewhere")
    assert found["seed"] == 3
    [check] = found["checks"]
    assert set(check) == {"id", "claim", "source", "strategy", "verdict", "expected", "observed"}
    tries = found["metrics"]["tries"]
    assert (check["verdict"] == "holds") is (set(tries) == {found["metrics"]["max_attempts"]})


def test_wrong_usage_and_broken_tests_have_their_own_exit_codes(fraud: Path, tmp_path: Path) -> None:
    assert execute(fraud, "baseline", "--test", "no-such-test").returncode == 2
    assert execute(fraud, "baseline").returncode == 2
    broken = materialise(ENTRIES["OBS-001"], tmp_path / "run")
    (broken / "mocks/data/happy_path/records.jsonl").write_text('{"record": {}}\n')
    done = execute(broken, "baseline", "--test", "baseline-correctness")
    assert done.returncode == 3
    assert "Traceback" in done.stdout
    assert not (broken / "results/metrics/baseline-correctness.json").exists()


def test_a_wrong_step_is_our_fault_and_never_a_verdict(tmp_path: Path) -> None:
    root = materialise(ENTRIES["OBS-001"], tmp_path / "run")
    file = root / "pipelines" / "baseline.py"
    file.write_text(file.read_text().replace('record["duration"] / owner_row["objective"]', 'record["duration"] * 2'))
    assert execute(root, "baseline", "--smoke").returncode == 3
    assert execute(root, "baseline", "--test", "baseline-correctness").returncode == 0
    verdicts = {check["id"]: check["verdict"] for check in result(root, "baseline-correctness")["checks"]}
    assert verdicts["golden-answers"] == "unknown"


def test_stages_that_cannot_work_are_refused_with_their_name() -> None:
    raw = yaml.load((project_root() / "docs/roadmap/tier-2.yaml").read_text(), Loader=yaml.CSafeLoader)["entries"][0]
    entry = ENTRIES["FIN-001"]
    raw["workload"]["stages"][4]["does"]["values"]["points"] = "ratio + unheard_of"
    with pytest.raises(UsageError, match=r"score.*unheard_of"):
        pipeline_code(Entry.model_validate(entry.model_dump() | {"workload": raw["workload"]}))
    raw["workload"]["stages"][4] |= {"name": "faults", "does": {"op": "compute", "values": {"points": "ratio"}}}
    for stage in raw["workload"]["stages"]:
        stage["after"] = ["faults" if name == "score" else name for name in stage.get("after", [])]
    with pytest.raises(UsageError, match=r"chaos\.py.*faults"):
        pipeline_code(Entry.model_validate(entry.model_dump() | {"workload": raw["workload"]}))
