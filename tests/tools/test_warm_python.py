"""Programs in forks of one process: as if each were run by itself, and none leaves anything to the next."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.core.errors import EnvironmentUnfit
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from tests.conftest import SLACK
from tools.run_code import run_python
from tools.sandbox import Outcome, choose
from tools.targets import resolve
from tools.warm_python import WarmPython, warm_python

TARGET = resolve("1.2.0", Settings.load())


@pytest.fixture(scope="module", params=["bubblewrap", "landlock", "rlimits"])
def warm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmPython]:
    settings = Settings.load(sandbox=request.param)
    try:
        choose(settings.sandbox)
    except EnvironmentUnfit as unfit:
        pytest.skip(str(unfit))
    root = tmp_path_factory.mktemp(request.param)
    (root / "out").mkdir()
    with warm_python(settings, TARGET, root, (root / "out",)) as made:
        yield made


def run(warm: WarmPython, code: str, *args: str, seconds: float = 20.0) -> Outcome:
    file = warm.root / "program.py"
    file.write_text(code, encoding="utf-8")
    outcome = warm.run(file, args, seconds=seconds, output_kib=64)
    assert outcome is not None
    return outcome


SAYS = """
import os, sys
print(sys.argv[1:], __name__, __file__, os.getcwd(), sys.path[0], sorted(os.environ))
print("complaint", file=sys.stderr)
raise SystemExit(3)
"""


def test_a_program_runs_as_if_by_itself(warm: WarmPython) -> None:
    outcome = run(warm, SAYS, "a", "b c")
    context = ToolContext(warm.settings, TARGET, None, lambda line: None)
    alone = run_python([str(warm.root / "program.py"), "a", "b c"], context=context, cwd=warm.root, readable=(warm.root,))
    assert (
        (outcome.exit_code, outcome.stdout, outcome.stderr)
        == (3, alone.stdout, alone.stderr)
        == (alone.exit_code, alone.stdout, b"complaint\n")
    )
    assert not outcome.timed_out and 0 < outcome.seconds < 10 and outcome.peak_memory_kib > 1000


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        ("raise ValueError('mine')", 1, b"ValueError: mine"),
        ("raise SystemExit('words')", 1, b""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -11, b""),
        ("import atexit; atexit.register(print, 'late', flush=True)", 0, b""),
        ("raise SystemExit(256 + 7)", 7, b""),
        ("this is no Python", 1, b"SyntaxError"),
    ],
)
def test_however_it_ends(code: str, exit_code: int, said: bytes, warm: WarmPython) -> None:
    outcome = run(warm, code)
    assert outcome.exit_code == exit_code and said in outcome.stderr
    assert (b"late" in outcome.stdout) == ("late" in code)


CHANGES = """
import os, subprocess, sys, tempfile, stageflow
stageflow.poisoned = True
os.environ["POISONED"] = "yes"
os.chdir("/")
open(os.path.join(tempfile.gettempdir(), "left"), "w").close()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import time
        time.sleep(300)
    os._exit(0)
print("changed")
"""
LOOKS = """
import os, stageflow, tempfile
sleeping = []
for name in os.listdir("/proc"):
    try:
        stat = open(f"/proc/{name}/stat").read().rpartition(")")[2].split() if name.isdigit() else None
    except OSError:
        continue
    if stat and int(stat[1]) == os.getppid() and int(name) != os.getpid():
        sleeping.append(name)
print(hasattr(stageflow, "poisoned"), os.environ.get("POISONED"), os.getcwd(), os.listdir(tempfile.gettempdir()), sleeping)
"""


def test_nothing_is_left_to_the_next(warm: WarmPython) -> None:
    assert run(warm, CHANGES).stdout == b"changed\n"
    outcome = run(warm, LOOKS)
    assert outcome.stdout.decode() == f"False None {warm.root} ['stderr', 'stdout'] []\n", outcome.stderr


def test_one_that_takes_too_long_is_killed_and_the_next_runs(warm: WarmPython) -> None:
    began = time.monotonic()
    outcome = run(warm, "import time; print('begun', flush=True); time.sleep(60)", seconds=1.5)
    assert outcome.timed_out and outcome.exit_code is None and outcome.stdout == b"begun\n" and time.monotonic() - began < 1.5 + SLACK
    assert run(warm, "print('next')").stdout == b"next\n"


def test_much_output_is_cut_in_the_middle(warm: WarmPython) -> None:
    outcome = run(warm, "print('first'); print('x' * 1_000_000); print('last')")
    assert outcome.truncated and outcome.stdout.startswith(b"first") and outcome.stdout.endswith(b"last\n")
    assert len(outcome.stdout) < 70_000


def test_links_that_lead_out_are_gone_afterwards(warm: WarmPython) -> None:
    run(warm, "import os; os.symlink('/etc/passwd', 'out/link'); open('out/kept', 'w').close()")
    assert [path.name for path in (warm.root / "out").iterdir()] == ["kept"]


def test_a_program_that_kills_the_warm_process_gets_none(tmp_path: Path) -> None:
    with warm_python(Settings.load(), TARGET, tmp_path, ()) as made:
        file = tmp_path / "program.py"
        file.write_text("import os, signal, time; os.kill(os.getppid(), signal.SIGKILL); time.sleep(60)")
        began = time.monotonic()
        assert made.run(file, (), seconds=60, output_kib=64) is None
        file.write_text("print(1)")
        assert made.run(file, (), seconds=60, output_kib=64) is None
        assert time.monotonic() - began < SLACK


def test_where_the_sandbox_does_not_start_there_is_none(tmp_path: Path) -> None:
    settings = Settings.load().model_copy(update={"project": tmp_path})
    (tmp_path / "program.py").write_text("print(1)")
    with warm_python(settings, TARGET, tmp_path, ()) as made:
        assert made.run(tmp_path / "program.py", (), seconds=20, output_kib=64) is None


def test_the_end_ends_what_runs(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import time; time.sleep(100)  # marks-this-program")
    with warm_python(Settings.load(), TARGET, tmp_path, ()) as made:
        waiting = threading.Thread(target=lambda: made.run(tmp_path / "program.py", (), seconds=90, output_kib=64))
        waiting.start()
        time.sleep(2)
        folder = made.folder
    waiting.join(SLACK)
    assert not waiting.is_alive()
    assert not folder.exists()
    assert not [p for p in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in cmdline(p)]


def cmdline(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:
        return b""
