"""Code counts only after it was parsed, its names were resolved and it was imported by the target's interpreter."""

import datetime as dt
import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.core.errors import InvalidArguments, ToolFailed, WorkspaceEscape
from agent.core.settings import Settings
from agent.core.target import Target, package_fingerprint
from agent.core.tool import ToolContext
from agent.core.workspace import create_run
from tools.sandbox import choose
from tools.write_code import TOOL, WriteCodeResult

GOOD = """import asyncio
from stageflow import Pipeline, StageKind, StageOutput


async def body(ctx):
    return StageOutput.ok(value=1)


PIPELINE = Pipeline().with_stage("a", body, StageKind.WORK)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def context(tmp_path: Path, cache: Path) -> ToolContext:
    spec = find_spec("stageflow")
    assert spec and spec.origin
    package = Path(spec.origin).parent
    target = Target("installed", "1.2.0", Path(sys.executable), package, None, package_fingerprint(package))
    run = create_run(tmp_path, "FIN-001", dt.date(2026, 1, 1))
    return ToolContext(Settings.load({}, cache=cache), target, run, lambda line: None)


def write(context: ToolContext, code: str, path: str = "pipelines/baseline.py", **more: object) -> WriteCodeResult:
    return TOOL.call({"path": path, "code": code, **more}, context)


def files(context: ToolContext) -> list[str]:
    assert context.workspace
    return sorted(context.workspace.relative(p) for p in context.workspace.root.rglob("*") if p.is_file())


def test_good_code_is_in_place_and_again(context: ToolContext) -> None:
    first = write(context, GOOD)
    assert first.ok, first.problems
    assert first.sha256 == hashlib.sha256(GOOD.encode()).hexdigest()
    assert context.workspace
    file = context.workspace.path(first.path)
    assert file.read_text() == GOOD
    stamp = file.stat().st_mtime_ns
    assert write(context, GOOD) == first
    assert file.stat().st_mtime_ns == stamp, "the same code is not written twice"
    assert files(context) == ["pipelines/baseline.py"], "nothing else is left behind"


@pytest.mark.parametrize(
    ("code", "where", "message", "suggestion"),
    [
        ("x = 1\ndef f(:\n", ("parse", 2), "def f(:", ""),
        ("x = 1\nreturn x\n", ("parse", 2), "'return' outside function: return x", ""),
        ("x = '\x00'\n", ("parse", 0), "null bytes", ""),
        ("\nfrom stageflow import Pipelin\n", ("names", 2), "no name 'Pipelin'", "Pipeline"),
        ("from stageflow import stage\nstage('a', print, kinds='work')\n", ("names", 2), "no argument 'kinds'", "kind"),
        ("import json\n\njson.loads('{')\n", ("import", 3), "JSONDecodeError", ""),
        ("import nowhere_at_all\n", ("import", 1), "ModuleNotFoundError", "modules of this run only"),
        ("import sys\nsys.exit(3)\n", ("import", 2), "SystemExit: 3", ""),
        ("import os\nos._exit(3)\n", ("import", 0), "ended the process: exit status 3", ""),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    context: ToolContext, code: str, where: tuple[str, int], message: str, suggestion: str
) -> None:
    answer = write(context, code)
    assert not answer.ok
    (problem,) = answer.problems
    assert (problem.stage, problem.line) == where
    assert message in problem.message
    assert suggestion in problem.suggestion
    assert files(context) == []


def test_a_bad_new_version_leaves_the_good_one(context: ToolContext) -> None:
    assert write(context, GOOD).ok
    assert not write(context, GOOD + "1 / 0\n").ok
    assert context.workspace
    assert context.workspace.path("pipelines/baseline.py").read_text() == GOOD


def test_code_that_stopped_working_does_not_stay(context: ToolContext) -> None:
    code = "import pipelines.other\n"
    assert write(context, "x = 1\n", "pipelines/other.py").ok
    assert write(context, code).ok
    assert context.workspace
    context.workspace.path("pipelines/other.py").unlink()
    assert not write(context, code).ok
    assert files(context) == []


def test_a_module_sees_its_neighbours_and_the_run_folder(context: ToolContext) -> None:
    assert write(context, "LIMIT = 3\n", "mocks/services/bank.py").ok
    assert write(context, "from mocks.services.bank import LIMIT\nfrom pathlib import Path\nassert Path('mocks').is_dir()\n").ok
    assert write(context, "from .baseline import LIMIT\nimport baseline\n", "pipelines/stress.py").ok


def test_printing_and_background_threads_do_no_harm(context: ToolContext) -> None:
    code = "import threading, time\nprint('{\"ok\": false}')\nthreading.Thread(target=time.sleep, args=(30,)).start()\n"
    assert write(context, code, "tests/test_noise.py").ok


def test_without_the_import_check_the_code_is_not_run(context: ToolContext) -> None:
    assert write(context, "raise SystemExit\n", imports_check=False).ok
    assert not write(context, "from stageflow import Nothing\n", imports_check=False).ok


@pytest.mark.parametrize("path", ["../x.py", "/etc/x.py", "results/trace.py", "pipelines/../../x.py", "README.py", "config/a.py"])
def test_other_places_are_refused(context: ToolContext, path: str) -> None:
    with pytest.raises(WorkspaceEscape):
        write(context, GOOD, path)


def test_the_import_can_change_nothing(context: ToolContext) -> None:
    if not any(p.against == "writes" and p.active for p in choose(context.settings.sandbox).protections):
        pytest.skip("no sandbox here can keep a process from writing")
    assert context.workspace
    bystander = context.workspace.write("results/logs/a.log", "kept")
    assert not write(context, "import pathlib\npathlib.Path('results/logs/a.log').write_text('gone')\n").ok
    assert bystander.read_text() == "kept"


def test_only_python_files(context: ToolContext) -> None:
    with pytest.raises(InvalidArguments):
        write(context, GOOD, "pipelines/notes.md")


def test_a_run_folder_is_needed(context: ToolContext) -> None:
    with pytest.raises(ToolFailed):
        write(ToolContext(context.settings, context.target, None, context.progress), GOOD)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=60))
def test_any_text_gets_an_answer(context: ToolContext, text: str) -> None:
    answer = write(context, text, "findings/BUG-001/repro.py", imports_check=False)
    assert context.workspace
    file = context.workspace.path(answer.path)
    assert answer.ok == (not answer.problems)
    if answer.ok:
        assert hashlib.sha256(file.read_bytes()).hexdigest() == answer.sha256
