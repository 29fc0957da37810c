"""`verify` as a user calls it: real scripts in real clean environments."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from agent.commands.exhibits import exhibits
from agent.core.settings import Settings
from tests.conftest import agent

PROMISE = "Exit status: 1 = defect present, 0 = absent, 2 = this release does not have the API, 3 = no verdict."
PRESENT = 'print("PRESENT: expected 1\\n         observed 2")\nraise SystemExit(1)\n'


def proof(file: Path, body: str, title: str = "A defect [of some kind]") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'"""{title}\n\n{PROMISE}\n"""\n{body}', encoding="utf-8")
    return file


def verified(*args: str) -> tuple[int, dict[str, Any]]:
    done = agent("verify", *args, "--json")
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def assert_one_line(done: subprocess.CompletedProcess[str], code: int, words: str) -> None:
    assert done.returncode == code, done.stdout + done.stderr
    assert re.search(words, done.stderr), done.stderr
    assert done.stderr.startswith("error: ") and len(done.stderr.strip().splitlines()) <= 2


def test_every_outcome_has_its_word(tmp_path: Path) -> None:
    bodies = {
        "shown": PRESENT,
        "gone": 'print("ABSENT: the claim holds")\n',
        "no_api": 'print("NOT APPLICABLE: stageflow.x")\nraise SystemExit(2)\n',
        "no_verdict": 'print("NO VERDICT: the script itself failed")\nraise SystemExit(3)\n',
        "crash": "import stageflow_no_such_module\n",
        "dies": "import os\nos.kill(os.getpid(), 9)\n",
    }
    for name, body in bodies.items():
        proof(tmp_path / f"proofs/{name}.py", body)
    (tmp_path / "proofs/other.py").write_text("raise SystemExit(1)\n")
    code, result = verified(str(tmp_path / "proofs"), "--times", "2")
    rows = {row["id"]: row for row in result["findings"]}
    assert code == 1 and set(rows) == set(bodies)
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "shown": "confirmed",
        "gone": "not reproduced",
        "no_api": "unknown",
        "no_verdict": "unknown",
        "crash": "unknown",
        "dies": "unknown",
    }
    assert (result["confirmed"], result["not_reproduced"], result["unknown"]) == (1, 1, 4)
    assert rows["no_api"]["reason"] == "not applicable: stageflow.x" and rows["no_api"]["exit_codes"] == [2, 2]
    assert "no verdict (exit code 3)" in rows["no_verdict"]["reason"]
    assert "stageflow_no_such_module" in rows["crash"]["reason"] and rows["crash"]["exit_codes"] == [1, 1]


def test_the_environment_holds_nothing_else(tmp_path: Path) -> None:
    body = (
        "import importlib.metadata, os\n"
        "names = sorted(d.metadata['Name'].lower() for d in importlib.metadata.distributions())\n"
        "print('PRESENT', ' '.join(names), os.environ.get('SECRET'))\n"
        "raise SystemExit(1)\n"
    )
    script = proof(tmp_path / "proof.py", body)
    done = agent("verify", str(script), "--times", "1", "--json", env=dict(os.environ, SECRET="leaked"))
    told = json.loads(done.stdout)["findings"][0]["reason"]
    assert "stageflow-core" in told and told.endswith("None")
    for name in ("pytest", "rich", "langgraph", "coverage", "hypothesis", "pip"):
        assert name not in told.split()


def test_a_table_for_a_person(tmp_path: Path) -> None:
    done = agent("verify", str(proof(tmp_path / "BUG-001/repro.py", PRESENT)), "--times", "2")
    assert done.returncode == 0, done.stderr
    for words in ("BUG-001", "confirmed", "2 of 2", "A defect [of some kind]", "1 of 1 confirmed"):
        assert words in done.stdout


def test_runs_findings_and_checks_can_be_named(tmp_path: Path) -> None:
    run = tmp_path / "runs/FIN-001/run-2026-01-01-001"
    for name in ("BUG-001", "DX-002"):
        proof(run / f"findings/{name}/repro.py", PRESENT)
    proof(run / "findings/proofs/abc.py", PRESENT)
    (run / "config").mkdir()
    config = {"entry": "FIN-001", "target": "installed", "target_version": "1.2.0", "identity": {}}
    (run / "config/run_config.json").write_text(json.dumps(config))
    settings = Settings.load(runs=tmp_path / "runs")
    for names in ([str(run)], [str(run / "findings")], ["FIN-001"], [run.name], ["DX-002", "BUG-001"], [str(run), "BUG-001"]):
        found = exhibits(names, settings)
        assert sorted(each.name for each in found) == ["BUG-001", "DX-002"], names
        assert {each.target for each in found} == {"1.2.0"}
    for name in ("DX-002", "findings/DX-002", str(run / "findings/DX-002"), str(run / "findings/DX-002/repro.py")):
        assert [each.name for each in exhibits([name], settings)] == ["DX-002"]
    code, result = verified("findings/DX-002", "--runs", str(tmp_path / "runs"), "--times", "1")
    assert code == 0 and [row["id"] for row in result["findings"]] == ["DX-002"]


def test_only_what_a_check_confirmed_is_played_also_when_it_was_moved(tmp_path: Path) -> None:
    first = tmp_path / "first"
    rows = []
    for mark, status in (("aaa", "confirmed"), ("bbb", "suspected")):
        script = proof(first / f"out-repro/findings/{mark}.py", PRESENT)
        rows.append({"fingerprint": mark, "title": f"Defect {mark}", "status": status, "repro": str(script)})
    rows.append({"fingerprint": "ccc", "title": "Not proven", "status": "suspected", "repro": ""})
    (first / "out.json").write_text(json.dumps({"findings": rows, "regressed": rows[:1], "fixed": []}))
    moved = first.rename(tmp_path / "second")
    for name in ("out.json", "out-repro"):
        code, result = verified(str(moved / name), "--times", "1")
        assert code == 0 and [(row["id"], row["verdict"]) for row in result["findings"]] == [("aaa", "confirmed")]
    (moved / "out-repro/findings/aaa.py").unlink()
    code, result = verified(str(moved / "out.json"), "--times", "1")
    assert code == 1 and "its script is gone" in result["findings"][0]["reason"]


def test_another_target_and_the_one_it_was_proven_on(tmp_path: Path) -> None:
    """A copy with a marker stands for a repaired checkout."""
    spec = importlib.util.find_spec("stageflow")
    assert spec and spec.origin
    copy = tmp_path / "checkout/stageflow"
    shutil.copytree(Path(spec.origin).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with (copy / "pipeline/retry.py").open("a", encoding="utf-8") as source:
        source.write("\nREPAIRED = True\n")
    body = f"import stageflow.pipeline.retry as retry\nif not hasattr(retry, 'REPAIRED'):\n    {PRESENT.replace(chr(10), chr(10) + '    ')}"
    script = proof(tmp_path / "BUG-001/repro.py", body)
    assert verified(str(script), "--times", "1")[0] == 0
    code, result = verified(str(script), "--times", "1", "--target", str(tmp_path / "checkout"))
    assert (code, result["findings"][0]["verdict"]) == (1, "not reproduced")
    (script.parent / "proof.json").write_text(json.dumps({"target": {"label": str(tmp_path / "checkout"), "version": "1.2.0"}}))
    code, result = verified(str(script.parent), "--times", "1")
    assert (code, result["targets"][0]["label"]) == (1, str(tmp_path / "checkout"))


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["nowhere"], 2, "no path, no run and no finding"),
        (["BUG-999"], 2, "no path, no run and no finding"),
        (["{empty}"], 2, "no confirmed proof"),
        (["{empty}/text.txt"], 2, "neither a Python script nor the JSON"),
        (["{empty}/broken.json"], 2, "is not the JSON of a check"),
        (["{empty}/list.json"], 2, "is not the JSON of a check"),
        (["{empty}/broken.py"], 2, "cannot be read as Python"),
        (["{proof}", "--times", "0"], 2, "--times 0"),
        (["{proof}", "--target", "99.0.0"], 4, "99.0.0"),
        (["{proof}", "--target", "/nowhere"], 4, "neither a version nor a folder"),
    ],
)
def test_what_cannot_be_played_is_one_line(args: list[str], code: int, words: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    good = proof(tmp_path / "good.py", PRESENT)
    if "/" in args[0]:
        for name, text in (("text.txt", "x"), ("broken.json", "{"), ("list.json", "[]"), ("broken.py", "def (:\n")):
            (empty / name).write_text(text)
    filled = [arg.format(empty=empty, proof=good) for arg in args]
    assert_one_line(agent("verify", *filled, "--runs", str(tmp_path / "runs")), code, words)
