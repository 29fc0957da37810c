"""The tool runs real files on the real target, in every kind of sandbox that works here."""

import datetime as dt
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import InvalidArguments, ToolFailed, UsageError, WorkspaceEscape
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import ToolContext
from agent.core.workspace import Workspace, create_run
from tools.analyze_logs import TOOL as ANALYZE
from tools.analyze_logs import AnalyzeLogsResult
from tools.run_code import TOOL, RunCodeResult, run_python
from tools.sandbox import survey
from tools.sandbox.text import plain
from tools.targets import resolve


@pytest.fixture(scope="module")
def target() -> Target:
    return resolve("installed", Settings.load())


@pytest.fixture(params=[row.name for row in survey() if row.works])
def alone(request: pytest.FixtureRequest, target: Target) -> ToolContext:
    return ToolContext(Settings.load(sandbox=request.param), target, None, lambda _: None)


@pytest.fixture
def best(target: Target) -> ToolContext:
    """For what does not depend on the kind of sandbox."""
    return ToolContext(Settings.load(sandbox="auto"), target, None, lambda _: None)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    made = create_run(tmp_path / "runs", "FIN-001", dt.date(2030, 1, 2))
    (made.root / "pipelines").mkdir()
    return made


@pytest.fixture
def inside(alone: ToolContext, space: Workspace) -> ToolContext:
    return ToolContext(alone.settings, alone.target, space, lambda _: None)


@pytest.fixture
def best_inside(best: ToolContext, space: Workspace) -> ToolContext:
    return ToolContext(best.settings, best.target, space, lambda _: None)


@pytest.mark.parametrize("deed", ["symlink_to(sys.argv[1])", "mkdir()", "touch()"])
def test_a_program_cannot_lead_its_log_elsewhere(best_inside: ToolContext, space: Workspace, tmp_path: Path, deed: str) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("untouched")
    (space.root / "pipelines/swap.py").write_text(
        f"import sys\nfrom pathlib import Path\nlog = next(Path('results/logs').glob('swap_*'))\nlog.unlink()\nlog.{deed}\nprint('said')"
    )
    result = call(best_inside, "pipelines/swap.py", args=[str(victim)])
    assert victim.read_text() == "untouched"
    assert result.log and result.exit_code == 0
    text = space.path(result.log).read_text(encoding="utf-8")
    assert text.startswith("# file: pipelines/swap.py") and "# the program had changed this log" in text and "said" in text


def call(context: ToolContext, file: Path | str, **more: object) -> RunCodeResult:
    return TOOL.call({"file": str(file), **more}, context)


def test_any_file_by_itself(alone: ToolContext, tmp_path: Path, target: Target) -> None:
    file = tmp_path / "some file.py"
    file.write_text(
        "import os, sys, stageflow\nprint(os.path.dirname(stageflow.__file__))\nprint(sys.argv[1:], os.environ['HOME'] == os.getcwd())\n"
        "open('here', 'w')\nprint(sorted(os.environ))\nprint('\\x1b[31mred\\x1b[0m \\x1b]0;title\\x07bell\\x07')\n"
        "sys.stderr.write('oh')\nsys.exit(3)"
    )
    result = call(alone, file, args=["a b", "--x"])
    assert (result.exit_code, result.timed_out, result.log, result.stderr) == (3, False, None, "oh")
    where, arguments, variables, text = result.stdout.splitlines()
    assert (where, arguments, text) == (str(target.package), "['a b', '--x'] True", "red bell")
    assert set(re.findall(r"'(\w+)'", variables)) <= {
        *("PATH", "HOME", "TMPDIR", "LANG", "PWD", "LC_CTYPE"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONUNBUFFERED"),
    }
    assert result.peak_memory_kib > 1000
    assert result.sandbox == alone.settings.sandbox
    assert list(tmp_path.iterdir()) == [file]


def test_in_a_run_it_may_write_its_measurements_and_nothing_else(inside: ToolContext, space: Workspace) -> None:
    (space.root / "pipelines" / "p.py").write_text(
        "for name in ('results/metrics/m.json', 'results/traces/t', 'results/calls/c', 'ledger.jsonl', 'pipelines/p.py'):\n"
        "    try: open(name, 'a').write('x')\n    except OSError: print('refused', name)\n"
    )
    (space.root / "results" / "calls").mkdir(parents=True)
    result = call(inside, "pipelines/p.py")
    assert (space.root / "results/metrics/m.json").read_text() == "x"
    assert (space.root / "results/traces/t").read_text() == "x"
    protected = inside.settings.sandbox != "rlimits"
    assert (space.root / "results/calls/c").exists() != protected
    assert (space.root / "ledger.jsonl").exists() != protected
    assert result.stdout.count("refused") == (3 if protected else 0)


def test_the_log_says_what_ran_and_how_it_ended(best_inside: ToolContext, space: Workspace) -> None:
    file = space.root / "pipelines" / "p.py"
    file.write_text("import sys\nprint('out')\nprint('err', file=sys.stderr)")
    first, second = (call(best_inside, "pipelines/p.py", name="smoke-1", seconds=9, memory_mb=512, args=["x"]) for _ in range(2))
    assert first.log != second.log
    assert re.fullmatch(r"results/logs/smoke-1_\d{8}T\d{12}Z\.log", str(first.log))
    text = (space.root / str(first.log)).read_text()
    for line in (
        "# file: pipelines/p.py",
        f"# sha256: {hashlib.sha256(file.read_bytes()).hexdigest()}",
        "# args: 'x'",
        f"# sandbox: {first.sandbox}",
        "# limits: 9 s, 512 MB",
        "# --- standard output\nout\n# --- standard error\nerr\n# ended: exit code 0",
    ):
        assert line in text


def test_running_too_long(best_inside: ToolContext, space: Workspace) -> None:
    (space.root / "pipelines" / "p.py").write_text("import time\nprint('so far')\ntime.sleep(60)")
    result = call(best_inside, "pipelines/p.py", seconds=1.0)
    assert (result.exit_code, result.timed_out, result.stdout) == (None, True, "so far\n")
    assert "killed" in (space.root / str(result.log)).read_text()


def test_long_output_is_cut_at_the_front(best: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print('a' * 30000 + 'end')")
    result = call(best, tmp_path / "p.py")
    assert result.truncated
    assert len(result.stdout) == 20_000
    assert result.stdout.endswith("end\n")


def test_refusals(best_inside: ToolContext, best: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("")
    with pytest.raises(WorkspaceEscape):
        call(best_inside, tmp_path / "p.py")
    with pytest.raises(WorkspaceEscape):
        call(best_inside, "../../../p.py")
    with pytest.raises(UsageError, match="no file"):
        call(best_inside, "pipelines/missing.py")
    with pytest.raises(InvalidArguments):
        call(best, tmp_path / "p.py", name="../evil")
    with pytest.raises(ToolFailed, match="no target"):
        call(ToolContext(best.settings, None, None, lambda _: None), tmp_path / "p.py")


def test_packages_of_the_project_and_live_lines(alone: ToolContext, tmp_path: Path) -> None:
    package = tmp_path / "extra" / "mypackage"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "echo.py").write_text("import sys\nfor line in sys.stdin: print(line.strip().upper(), flush=True)")
    (tmp_path / "extra" / "private.txt").write_text("s3cr3t")
    heard: list[bytes] = []
    outcome = run_python(["-m", "mypackage.echo"], context=alone, packages=(package,), stdin=b"one\ntwo\n", on_line=heard.append)
    assert (outcome.exit_code, heard) == (0, [b"ONE", b"TWO"])
    outcome = run_python(["-c", f"open({str(tmp_path / 'extra' / 'private.txt')!r})"], context=alone, packages=(package,))
    assert (outcome.exit_code == 0) == (alone.settings.sandbox == "rlimits")


def test_progress_shows_lines_as_text(best: ToolContext, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print('\\x1b[1mstep 1\\x1b[0m')")
    seen: list[str] = []
    call(ToolContext(best.settings, best.target, None, seen.append), tmp_path / "p.py")
    assert seen == ["step 1"]


@given(st.binary(max_size=80) | st.text(alphabet="\x1b[]0;\x07\\mABC\n\r\t\x9b", max_size=40).map(str.encode))
def test_plain_text_holds_no_control_characters(raw: bytes) -> None:
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", plain(raw))


@pytest.mark.parametrize("trick", ["", "Path(sys.argv[1] + '.gz').mkdir()", "Path(sys.argv[1] + '.gz').symlink_to('/etc/passwd')"])
def test_a_long_log_is_kept_compressed_and_analysed_as_it_is(best_inside: ToolContext, space: Workspace, trick: str) -> None:
    (space.root / "pipelines/loud.py").write_text(
        "import sys\nfrom pathlib import Path\nsys.argv[1:] = map(str, Path('results/logs').glob('loud_*'))\n"
        f"{trick}\nfor n in range(20_000): print(f'2030-01-02T00:00:00Z INFO shop: order {{n}} paid')\nprint('ERROR:shop:till is empty')"
    )
    result = call(best_inside, "pipelines/loud.py")
    assert result.log and result.log.endswith(".log.gz") and not space.path(result.log.removesuffix(".gz")).exists()
    packed = space.path(result.log)
    text = gzip.decompress(packed.read_bytes())
    assert len(text) > 5 * packed.stat().st_size and text.startswith(b"# file: pipelines/loud.py") and b"order 19999 paid" in text
    found = ANALYZE.call({"log": result.log, "name": "loud"}, best_inside)
    assert isinstance(found, AnalyzeLogsResult) and found.errors == 1 and found.levels["INFO"] == 20_000
    assert json.loads(space.path("results/logs/loud_stats.json").read_text())["bytes"] == len(text)


def test_a_cut_log_is_no_silent_end(best_inside: ToolContext, space: Workspace) -> None:
    space.write("results/logs/cut.log.gz", gzip.compress(b"INFO:a:b\n" * 5000)[:-9])
    with pytest.raises(ToolFailed, match="no whole gzip file"):
        ANALYZE.call({"log": "results/logs/cut.log.gz", "name": "cut"}, best_inside)
