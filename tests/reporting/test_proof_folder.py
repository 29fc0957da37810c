"""The folder of a proven defect: its tests are run here, on the release that has the defect and on a repaired copy."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.artifacts import ControlVerdict, Proof
from agent.core.errors import AgentError
from agent.core.settings import Settings
from agent.core.target import Target
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.plays import log_text
from agent.court.proof import fingerprint, script
from agent.reporting.claim_test import known_test, plain_test, slug
from agent.reporting.proof_folder import ProvenDefect, proof_files, write_proof_folder
from tests.conftest import ROOT
from tools.targets import resolve

COMPONENTS = ROOT / "components"
CATALOGUE = load_catalogue(COMPONENTS)
KEYWORDS = "dag/ok_keeps_keywords"
CASE = {"data": {"a": 1}, "keywords": {"b": 2}}


def defect(card: ProbeCard, target: Target, params: dict[str, object], **more: object) -> ProvenDefect:
    key = f"{card.id}@{card.component}"
    proof = Proof(
        key=key,
        case="a case",
        title=card.title,
        status="confirmed",
        reason="shown in 3 of 3 fresh processes",
        reproduced=3,
        runs=3,
        control="holds",
        expected="data of the output = {'a': 1, 'b': 2}",
        observed="{'a': 1}",
        script="findings/proofs/x.py",
        fingerprint=fingerprint(card.id, card.component),
        controls=(ControlVerdict(control="in_asyncio", outcome="holds", reason="a | b\nc"),),
    )
    text = script(COMPONENTS, card, card.title, "a case", params)
    values = {"severity": "high", "script": text, "logs": (log_text(1, "PRESENT: x", "warned\n"),) * 3} | more
    return ProvenDefect("BUG-007", card, proof, target=target, **values)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def target() -> Target:
    return resolve("installed", Settings.load())


@pytest.fixture(scope="module")
def folder(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("findings") / "BUG-007"
    write_proof_folder(place, defect(CATALOGUE[KEYWORDS], target, CASE, minimal="print('short')\n"))
    return place


def pytest_on(folder: Path, *names: str, package: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run tests of the folder in a copy of it, where nothing of this project is."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "-rA", "-W", "error", *names]
    env = {"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"} | ({"PYTHONPATH": str(package)} if package else {})
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120)


def test_everything_is_there(folder: Path, target: Target) -> None:
    name = slug(CATALOGUE[KEYWORDS].title, fingerprint(KEYWORDS, CATALOGUE[KEYWORDS].component))
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    logs = {f"logs/run-{number}.log" for number in (1, 2, 3)}
    tests = {f"test_{name}.py", f"test_{name}_xfail.py"}
    assert files == {"repro.py", "repro_min.py", "claim.md", "ISSUE.md", "README.md", "proof.json"} | logs | tests
    assert sum((folder / file).stat().st_size for file in files) < 60_000
    record = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    assert record["id"] == "BUG-007" and record["target"]["version"] == target.version
    claim = (folder / "claim.md").read_text(encoding="utf-8")
    assert CATALOGUE[KEYWORDS].claim in claim and "docs/api/core.md#constructors" in claim and "> {'a': 1}" in claim
    assert "| plain Python and asyncio | holds | a \\| b c |" in claim
    assert (folder / "logs/run-2.log").read_text() == "--- standard output\nPRESENT: x\n--- standard error\nwarned\n--- exit code 1\n"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    for linked in re.findall(r"^\| `([\w./]+)` \|", readme, re.MULTILINE):
        assert (folder / linked).exists(), linked


def test_the_issue_text_is_ready(folder: Path) -> None:
    issue = (folder / "ISSUE.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", issue, re.MULTILINE)
    assert headings == [
        "What happens",
        "What should happen",
        "How to see it",
        "Environment",
        "Impact",
        "Suggested repair",
        "Workaround",
    ]
    assert "```python\nprint('short')\n```" in issue and str(ROOT) not in issue


def test_the_test_fails_and_the_known_defect_is_expected(folder: Path) -> None:
    done = pytest_on(folder)
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 xfailed" in done.stdout
    assert "PRESENT: expected data of the output = {'a': 1, 'b': 2}" in done.stdout and "observed {'a': 1}" in done.stdout


def test_a_repair_turns_both_around(folder: Path, tmp_path: Path) -> None:
    spec = importlib.util.find_spec("stageflow")
    assert spec and spec.origin
    copy = tmp_path / "stageflow"
    shutil.copytree(Path(spec.origin).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    source = copy / "core/stage_output.py"
    text = source.read_text(encoding="utf-8")
    assert text.count("payload = data or kwargs") == 1
    source.write_text(text.replace("payload = data or kwargs", "payload = {**(data or {}), **kwargs}"), encoding="utf-8")
    done = pytest_on(folder, package=tmp_path)
    assert "1 failed, 1 passed" in done.stdout and "[XPASS(strict)]" in done.stdout, done.stdout


def test_without_the_api_both_are_skipped(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "stageflow").mkdir()
    (tmp_path / "stageflow/__init__.py").write_text("", encoding="utf-8")
    done = pytest_on(folder, package=tmp_path)
    assert done.returncode == 0 and "2 skipped" in done.stdout, done.stdout


def test_async_scenarios_leave_nothing_behind(tmp_path: Path) -> None:
    """Warnings are errors here: neither an open loop nor an unfinished task may outlive a test, in virtual or real time."""
    leftover = "\nasync def left(params):\n    asyncio.get_running_loop().create_task(asyncio.sleep(3600))\n    await scenario(params)\n"
    for probe, params in (("retry/attempts_exact", {"max_attempts": 3}), ("agent/history_checked", {"role": "user"})):
        card = CATALOGUE[probe]
        text = script(COMPONENTS, card, card.title, "x", params)
        function = known_test(text, card.id.partition("/")[0], [card.title])
        tested = function.replace("scenario, CASE", "left, CASE").replace('@pytest.mark.filterwarnings("ignore")\n', leftover + "\n\n", 1)
        (tmp_path / f"test_{card.subsystem}.py").write_text(function)
        (tmp_path / f"test_{card.subsystem}_left.py").write_text(tested.replace("strict=True", "strict=False"))
    done = pytest_on(tmp_path)
    assert "Warning" not in done.stdout + done.stderr and "never awaited" not in done.stdout + done.stderr, done.stdout
    assert not re.search(r"\d error", done.stdout), done.stdout


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
def test_every_probe_can_become_a_test() -> None:
    for card in list(CATALOGUE.values())[::6]:
        text = known_test(script(COMPONENTS, card, card.title, "x", {}), "it", [card.title, "", card.claim])
        tree = ast.parse(text)
        imported = {alias.asname or alias.name.partition(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
        assert {"pytest", "gc"} <= imported and "components" not in imported, card.id
        functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        assert "test_it" in functions and "main" not in functions and len(functions) == len(set(functions)), card.id


@pytest.mark.parametrize("text", ["", "x = 1\n", 'if __name__ == "__main__":\n    run()\n'])
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(AgentError, match="does not end with main"):
        known_test(text, "x", ["title"])


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4))
def test_any_words_make_a_module(words: list[str]) -> None:
    text = (
        "class Violation(Exception): pass\nclass NotApplicable(Exception): pass\n"
        "def play(s, p, t): s(p)\ndef scenario(p): pass\nCASE = {}\n"
        "def main(*a, **k): pass\n"
        'if __name__ == "__main__":\n    main(scenario, CASE, seconds=1, player=play)\n'
    )
    clean = [word.replace("\0", "").encode("utf-8", "ignore").decode() for word in words]
    compile(known_test(text, "x", clean), "x.py", "exec")
    compile(plain_test("x", clean, 10.0), "x.py", "exec")


@given(st.text(max_size=200), st.text(alphabet="0123456789abcdef", min_size=12, max_size=12))
def test_names_are_names(title: str, mark: str) -> None:
    name = slug(title, mark)
    assert f"test_{name}".isidentifier() and len(name) <= 67 and name.endswith(mark[:6])


def test_a_fence_is_longer_than_those_in_the_script(target: Target) -> None:
    files = proof_files(defect(CATALOGUE[KEYWORDS], target, CASE, minimal='"""\n````python\nx\n````\n"""\n'))
    assert "`````python\n" in files["ISSUE.md"]
