"""Hostile little programs against every kind of sandbox that works here; each test looks at what happened outside."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import EnvironmentUnfit, ToolFailed, UsageError
from tests.conftest import SLACK
from tools.sandbox import KINDS, Danger, Job, Outcome, Sandbox, choose, survey
from tools.sandbox.places import BASE_PYTHON
from tools.sandbox.supervise import Kept, Lines

ROOT = Path(__file__).parents[2]
AS_ROOT = os.geteuid() == 0

NOT_STOPPED: dict[str, set[Danger]] = {
    "bubblewrap": set(),
    "landlock": {"sockets", "daemons", "memory"},
    "rlimits": {"reads", "writes", "secrets", "network", "sockets", "daemons", "memory"},
}
"""What each kind leaves open on a machine where all of it works, besides the processes of root."""
WEAK_FOR_ROOT = {"landlock", "rlimits"}


@pytest.fixture(params=[row.name for row in survey() if row.works])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return choose(request.param)


@pytest.fixture
def strongest() -> Sandbox:
    """For what all kinds do with the same code."""
    return choose("auto")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A folder the jobs may change."""
    folder = tmp_path / "box"
    folder.mkdir()
    return folder


def play(sandbox: Sandbox, box: Path, program: str, **limits: object) -> Outcome:
    values: dict[str, object] = {"writable": (box,), "seconds": 10.0} | limits
    return sandbox.run(Job([sys.executable, "-S", "-c", program], box, **values))  # type: ignore[arg-type]


def stops(sandbox: Sandbox, danger: Danger) -> bool:
    return next(p.active for p in sandbox.protections if p.against == danger)


def grows(file: Path, seconds: float = 0.25) -> bool:
    before = file.stat().st_size if file.exists() else 0
    time.sleep(seconds)
    return (file.stat().st_size if file.exists() else 0) > before


def wait_for(file: Path) -> None:
    for _ in range(500):
        if file.exists() and file.stat().st_size:
            return
        time.sleep(0.01)
    raise AssertionError(f"{file} did not come")


HEARTBEAT = "import time\nfor _ in range(60):\n    open('beat', 'a').write('x')\n    time.sleep(0.05)\n"


def test_no_kind_claims_more_than_the_table_allows(sandbox: Sandbox) -> None:
    open_doors = {p.against for p in sandbox.protections if not p.active}
    expected = NOT_STOPPED[sandbox.name] | ({"processes"} if AS_ROOT and sandbox.name in WEAK_FOR_ROOT else set())
    assert open_doors >= expected
    if os.environ.get("CI"):  # a lesser machine may lack namespaces; ours has them
        assert open_doors == expected


def test_auto_takes_the_first_that_works() -> None:
    assert choose("auto").name == next(row.name for row in survey() if row.works)
    assert [row.name for row in survey()] == list(KINDS)
    with pytest.raises(UsageError):
        choose("fort-knox")


def test_reads_outside(sandbox: Sandbox, box: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cr3t")
    (box / "link").symlink_to(secret)
    program = f"""
for name in ({str(secret)!r}, 'link', '/etc/shadow', '/etc/passwd'):
    try:
        print(name, len(open(name).read()) > 0)
    except OSError:
        print(name, False)
"""
    outcome = play(sandbox, box, program)
    assert outcome.exit_code == 0
    seen = dict(line.rsplit(" ", 1) for line in outcome.stdout.decode().splitlines())
    readable = {name: str(not stops(sandbox, "reads") and os.access(name, os.R_OK)) for name in (str(secret), "/etc/shadow", "/etc/passwd")}
    assert seen == readable | {"link": str(not stops(sandbox, "reads"))}


def test_writes_outside(sandbox: Sandbox, box: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("untouched")
    open_folder = Path(tempfile.mkdtemp())
    open_folder.chmod(0o777)
    try:
        program = "import sys\nfor name in sys.argv[1:]:\n    try: open(name, 'w').write('gone')\n    except OSError: pass"
        job = Job([sys.executable, "-c", program, str(victim), str(open_folder / "dropped")], box, writable=(box,), seconds=10)
        assert sandbox.run(job).exit_code == 0
        assert (victim.read_text() == "untouched") == stops(sandbox, "writes")
        assert (not (open_folder / "dropped").exists()) == stops(sandbox, "writes")
    finally:
        shutil.rmtree(open_folder)


def test_what_is_readable_only_stays_as_it_is(sandbox: Sandbox, box: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "inner").mkdir()
    (shared / "a.txt").write_text("a")
    program = f"""
open({str(shared / "inner" / "w")!r}, 'w').write(open({str(shared / "a.txt")!r}).read())
try:
    open({str(shared / "a.txt")!r}, 'w')
except OSError:
    print('refused')
"""
    outcome = play(sandbox, box, program, readable=(shared,), writable=(shared / "inner",))
    assert (shared / "inner" / "w").read_text() == "a"
    assert (outcome.stdout == b"refused\n") == stops(sandbox, "writes")


def test_environment_is_what_was_given(sandbox: Sandbox, box: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUR_SECRET", "s3cr3t")
    outcome = play(sandbox, box, "import os, json; print(json.dumps(dict(os.environ)))", env={"GIVEN": "yes"})
    found = json.loads(outcome.stdout)
    assert found.pop("GIVEN") == "yes"
    assert set(found) <= {"LC_CTYPE", "PWD"}


def test_secrets_of_other_processes(sandbox: Sandbox, box: Path, tmp_path: Path) -> None:
    """The victim has as few privileges as the job: root's privileged processes are closed to both."""
    home = tmp_path / "victim"
    home.mkdir()
    wait = "import os, time\nopen('beat', 'w').write('x')\nwhile not os.path.exists('stop'): time.sleep(0.02)"
    job = Job([sys.executable, "-c", wait], home, writable=(home,), env={"KEY": "s3cr3t-of-a-neighbour"}, seconds=10)
    victim = threading.Thread(target=choose("rlimits").run, args=(job,))
    victim.start()
    wait_for(home / "beat")
    program = """
import glob
seen = False
for name in glob.glob('/proc/[0-9]*/environ'):
    try:
        seen |= b's3cr3t-of-a-neighbour' in open(name, 'rb').read()
    except OSError:
        pass
print(seen)
"""
    outcome = play(sandbox, box, program)
    (home / "stop").touch()
    victim.join()
    assert outcome.stdout.decode().strip() == str(not stops(sandbox, "secrets"))


def test_network(sandbox: Sandbox, box: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        program = (
            f"import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'out', ('127.0.0.1', {udp.getsockname()[1]}))\n"
            f"socket.create_connection(('127.0.0.1', {tcp.getsockname()[1]}), 1).sendall(b'out')"
        )
        outcome = play(sandbox, box, program)
        assert (outcome.exit_code != 0) == stops(sandbox, "network")
        for listener in (tcp, udp):
            listener.settimeout(0.2)
            arrived = True
            try:
                if listener is tcp:
                    listener.accept()[0].close()
                else:
                    listener.recv(10)
            except TimeoutError:
                arrived = False
            assert arrived != stops(sandbox, "network")


def test_a_server_of_its_own_works(sandbox: Sandbox, box: Path) -> None:
    program = """
import socket
server = socket.create_server(('127.0.0.1', 0))
socket.create_connection(server.getsockname()).sendall(b'hi')
print(server.accept()[0].recv(9))
"""
    assert play(sandbox, box, program).stdout == b"b'hi'\n"


def test_unix_sockets(sandbox: Sandbox, box: Path) -> None:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "s"))
        (folder / "s").chmod(0o777)
        listener.listen()
        outcome = play(sandbox, box, f"import socket\nsocket.socket(socket.AF_UNIX).connect({str(folder / 's')!r})")
    shutil.rmtree(folder)
    assert (outcome.exit_code != 0) == stops(sandbox, "sockets")


def test_daemon(sandbox: Sandbox, box: Path) -> None:
    play(sandbox, box, f"import os, time\nif os.fork(): time.sleep(0.3); os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n{HEARTBEAT}")
    assert (box / "beat").exists()
    assert grows(box / "beat") != stops(sandbox, "daemons")


def test_time_out_kills_the_tree(sandbox: Sandbox, box: Path) -> None:
    outcome = play(sandbox, box, f"import os, time\nprint('begun', flush=True)\nif os.fork(): time.sleep(60)\n{HEARTBEAT}", seconds=2.0)
    assert (outcome.exit_code, outcome.timed_out, outcome.stdout) == (None, True, b"begun\n")
    assert 2.0 <= outcome.seconds < 2.0 + SLACK
    assert (box / "beat").exists()
    assert not grows(box / "beat")


def test_dies_with_the_agent(sandbox: Sandbox, box: Path) -> None:
    call = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pathlib import Path\nfrom tools.sandbox import Job, choose\n"
        f"box = Path({str(box)!r})\nchoose({sandbox.name!r}).run(Job([sys.executable, '-c', {HEARTBEAT!r}], box, writable=(box,)))"
    )
    agent = subprocess.Popen([sys.executable, "-c", call])
    wait_for(box / "beat")
    agent.send_signal(signal.SIGKILL)
    agent.wait()
    time.sleep(0.2)
    assert not grows(box / "beat")


def test_output_bomb(strongest: Sandbox, box: Path) -> None:
    program = "import sys\nsys.stdout.write('first ')\nfor _ in range(3000): sys.stdout.write('x' * 9999 + '\\n')\nsys.stdout.write('last')"
    outcome = play(strongest, box, program, output_kib=64)
    assert outcome.truncated
    assert len(outcome.stdout) < 64 * 1024 + 100
    assert outcome.stdout.startswith(b"first ")
    assert outcome.stdout.endswith(b"last")


def test_memory_bomb(sandbox: Sandbox, box: Path) -> None:
    outcome = play(sandbox, box, "kept = [bytearray(1 << 20) for _ in range(500)]\nprint('survived')", memory_mb=128)
    assert outcome.exit_code != 0
    assert b"MemoryError" in outcome.stderr
    assert outcome.peak_memory_kib < 160 * 1024


def test_peak_memory_is_that_of_the_job_alone(sandbox: Sandbox, box: Path) -> None:
    ballast = bytearray(os.urandom(1) * (96 << 20))
    small, large = play(sandbox, box, "pass"), play(sandbox, box, "kept = b'x' * (48 << 20)")
    assert 0 < small.peak_memory_kib < 40 * 1024
    assert 48 * 1024 < large.peak_memory_kib < 90 * 1024
    assert len(ballast) == 96 << 20


def test_fork_bomb(sandbox: Sandbox, box: Path) -> None:
    program = (
        "import os, time\nmade = 0\nfor _ in range(120):\n    try: pid = os.fork()\n    except OSError: break\n"
        "    if pid == 0: time.sleep(2); os._exit(0)\n    made += 1\nprint(made, flush=True)\nos._exit(0)"
    )
    made = int(play(sandbox, box, program, processes=20).stdout)
    assert made <= 20 if stops(sandbox, "processes") else made == 120


def test_processes_of_one_job_do_not_count_for_another(box: Path) -> None:
    with contextlib.suppress(EnvironmentUnfit):
        sandbox = choose("bubblewrap")
        program = "import os, time\nfor _ in range(15):\n    if os.fork() == 0: time.sleep(0.5); os._exit(0)\nprint('all')\ntime.sleep(0.5)"
        outcomes: list[Outcome] = []
        threads = [threading.Thread(target=lambda: outcomes.append(play(sandbox, box, program, processes=20))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [outcome.stdout for outcome in outcomes] == [b"all\n", b"all\n"]


def test_file_size_is_bounded(strongest: Sandbox, box: Path) -> None:
    outcome = play(strongest, box, "f = open('big', 'wb')\nf.seek(600 << 20)\nf.write(b'x')\nf.flush()")
    assert outcome.exit_code != 0
    assert (box / "big").stat().st_size < 600 << 20


def test_files_belong_to_the_caller(sandbox: Sandbox, box: Path) -> None:
    box.chmod(0o700)
    (box / "old.txt").write_text("old")
    (box / "old.txt").chmod(0o600)
    program = """
import os
os.makedirs('a/b')
open('a/b/c', 'w').write(open('old.txt').read() + ' and new')
open('old.txt', 'a').write('er')
os.symlink('x', 'l')
"""
    assert play(sandbox, box, program).exit_code == 0
    assert {path.lstat().st_uid for path in box.rglob("*")} == {os.geteuid()}
    assert (box / "a/b/c").read_text() == "old and new"
    assert (box / "old.txt").read_text() == "older"


def test_streams(strongest: Sandbox, box: Path) -> None:
    heard: list[tuple[bytes, float]] = []
    program = (
        "import sys, time\nfor line in sys.stdin: print(line.strip()[::-1], flush=True); time.sleep(0.2)\nprint('end', end='')\nsys.exit(7)"
    )
    job = Job([sys.executable, "-c", program], box, stdin=b"abc\ndef\n", seconds=10)
    outcome = strongest.run(job, lambda line: heard.append((line, time.monotonic())))
    assert outcome.exit_code == 7
    assert [line for line, _ in heard] == [b"cba", b"fed", b"end"]
    assert heard[1][1] - heard[0][1] > 0.1
    assert outcome.stdout == b"cba\nfed\nend"


def test_unread_input_and_signals(strongest: Sandbox, box: Path) -> None:
    outcome = play(strongest, box, "import os; os.kill(os.getpid(), 9)", stdin=b"x" * 1_000_000)
    assert (outcome.exit_code, outcome.timed_out) == (-9, False)


def test_a_job_that_cannot_start_is_no_outcome(sandbox: Sandbox, box: Path) -> None:
    with pytest.raises(ToolFailed, match="nothing-here"):
        sandbox.run(Job(["/usr/bin/nothing-here"], box, seconds=5))
    with pytest.raises(ToolFailed):
        sandbox.run(Job([sys.executable], box / "missing", seconds=5))


def outside_the_repository() -> Iterator[Path]:
    """A copy of the package that any user can read."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "agent/core").mkdir(parents=True)
    core = ("__init__", "errors", "harmless", "shortage")
    for name in ("agent/__init__.py", *(f"agent/core/{module}.py" for module in core), "tools/__init__.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "tools/sandbox", folder / "tools/sandbox", ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    shutil.rmtree(folder)


copied = pytest.fixture(outside_the_repository)


def ask(python: str, copied: Path, code: str, **options: object) -> str:
    answer = subprocess.run([python, "-B", "-c", code], cwd=copied, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert answer.returncode == 0, answer.stderr
    return str(answer.stdout)


@pytest.mark.skipif(not AS_ROOT, reason="needs root to become another user")
def test_works_for_an_ordinary_user(copied: Path) -> None:
    python = next((p for p in ("/usr/bin/python3", str(BASE_PYTHON)) if usable_by_nobody(p)), None)
    if python is None:
        pytest.skip("no Python >= 3.11 that an ordinary user can run")
    code = (
        "import tempfile, json\nfrom pathlib import Path\nfrom tools.sandbox import *\nout = {}\n"
        "for row in survey():\n    out[row.name] = row.works and {p.against: p.active for p in row.protections}\n"
        "print(json.dumps(out))"
    )
    found = json.loads(ask(python, copied, code, user="nobody", group="nogroup", extra_groups=()))
    assert found["rlimits"]["processes"]
    for name in ("bubblewrap", "landlock"):
        if choose(name):
            assert found[name], f"{name} works for root but not for an ordinary user"
            assert found[name]["processes"]
            assert found[name]["reads"]


def usable_by_nobody(python: str) -> bool:
    probe = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    with contextlib.suppress(OSError):
        return subprocess.run(probe, user="nobody", group="nogroup", extra_groups=(), cwd="/", capture_output=True).returncode == 0
    return False


def test_without_bubblewrap_the_next_best_is_taken_and_the_named_one_says_why(copied: Path) -> None:
    code = (
        "from tools.sandbox import *\nfrom agent.core.errors import EnvironmentUnfit\nprint(choose('auto').name)\n"
        "try: choose('bubblewrap')\nexcept EnvironmentUnfit as unfit: print(unfit, '|', unfit.hint)"
    )
    first, second = ask(sys.executable, copied, code, env={"PATH": "/nowhere"}).splitlines()
    assert first == next(row.name for row in survey() if row.works and row.name != "bubblewrap")
    assert "not installed" in second
    assert "apt-get install bubblewrap" in second


@given(st.lists(st.binary(max_size=40)), st.integers(2, 64))
def test_kept_is_the_beginning_and_the_end(chunks: list[bytes], capacity: int) -> None:
    kept = Kept(capacity)
    for chunk in chunks:
        kept.add(chunk)
        assert len(kept.head) + len(kept.tail) <= 2 * capacity + 40
    whole, half, value = b"".join(chunks), capacity // 2, kept.value()
    if kept.dropped == 0:
        assert value == whole
    else:
        assert kept.dropped == len(whole) - 2 * half
        assert value.startswith(whole[:half])
        assert value.endswith(whole[-half:])


@given(st.lists(st.binary(max_size=40)))
def test_lines_lose_nothing(chunks: list[bytes]) -> None:
    heard: list[bytes] = []
    listener: Callable[[bytes], None] = heard.append
    lines = Lines(listener, 1000)
    for chunk in chunks:
        lines.add(chunk)
    lines.close()
    assert heard == b"".join(chunks).removesuffix(b"\n").split(b"\n") if any(chunks) else not heard
