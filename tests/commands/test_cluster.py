"""A batch on several machines: what cannot be had is one line, and the death of a worker costs nothing but time."""

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.commands.batch_worker import Order, folder_problem
from agent.commands.runs import config_of
from agent.core.batch import FOLDER, LOCK, all_ended, read_standing
from agent.core.checkpoint_store import store_of
from agent.core.locks import run_lock
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from bench import postgres
from bench.nodes import Node, cluster, free_port, machine, node, on_worker, worker_of
from bench.soak.ends import differences, doubled, executed_again
from tests.conftest import ROOT, agent

MISSION = ("--entry", "CORE-001", "--search", "offline", "--provider", "none")
LONGEST = 900.0
with_extra = pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="the extra [cluster] is not installed")


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("--batch", "--backend", "dask"), 2, "needs --scheduler"),
        (("--batch", "--scheduler", "tcp://127.0.0.1:1"), 2, "for --backend dask only"),
        (("--backend", "dask", *MISSION), 2, "for --batch only"),
        (("--batch", "--backend", "dask", "--scheduler", "127.0.0.1:1"), 2, "no address of a scheduler"),
        (("scheduler", "tcp://0.0.0.0:8786"), 2, "every interface"),
        (("worker", "tls://127.0.0.1:8786"), 2, "--tls-ca, --tls-cert, --tls-key"),
        (("scheduler", "tcp://127.0.0.1:1", "--tls-ca", "README.md"), 2, "not encrypted"),
    ],
)
def test_a_wrong_order_is_told_in_one_line(given: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    ended = agent(*given, *(("--runs", str(tmp_path)) if given[0] not in ("worker", "scheduler") else ()))
    assert ended.returncode == code and said in ended.stderr and "Traceback" not in ended.stderr and not list(tmp_path.iterdir())


def test_the_extra_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('No module named distributed')")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = agent("--batch", "--backend", "dask", "--scheduler", "tcp://127.0.0.1:1", env=environ)
    assert ended.returncode == 4 and "make cluster" in ended.stderr and "Traceback" not in ended.stderr


def test_a_folder_that_is_not_shared_is_seen(tmp_path: Path) -> None:
    """Another folder at the same path; one whose locks do not reach the worker; one that is not there."""
    lock = tmp_path / FOLDER / LOCK
    order = Order(runs=str(tmp_path), lock=f"{FOLDER}/{LOCK}", holder="", target="", command=(), checkpoints="", sandbox="auto")
    assert "No such file" in folder_problem(order)
    lock.parent.mkdir()
    with run_lock(lock):
        told = order.model_copy(update={"holder": lock.read_text()})
        assert folder_problem(told) == "" and "another folder" in folder_problem(order)
    lock.write_text(told.holder)
    assert "do not hold between the machines" in folder_problem(told)


@with_extra
def test_nobody_at_the_address_is_told(tmp_path: Path) -> None:
    """A port where nobody listens."""
    order = ("--batch", "--backend", "dask", *MISSION, "--runs", str(tmp_path), "--scheduler")
    ended = agent(*order, f"tcp://127.0.0.1:{free_port()}")
    assert ended.returncode == 4 and "no scheduler answers" in ended.stderr and "Traceback" not in ended.stderr


@with_extra
@pytest.mark.slow
def test_somebody_else_at_the_address_is_told(tmp_path: Path) -> None:
    """A port where somebody hangs up at once."""
    order = ("--batch", "--backend", "dask", *MISSION, "--runs", str(tmp_path), "--scheduler")
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        threading.Thread(target=hang_up, args=(stranger,), daemon=True).start()
        ended = agent(*order, f"tcp://127.0.0.1:{stranger.getsockname()[1]}")
    assert ended.returncode == 4 and "does not answer as a scheduler" in ended.stderr and "Traceback" not in ended.stderr


def hang_up(stranger: socket.socket) -> None:
    """Close whatever comes."""
    while True:
        try:
            stranger.accept()[0].close()
        except OSError:
            return


@with_extra
@pytest.mark.slow
def test_a_worker_with_other_code_is_refused(tmp_path: Path) -> None:
    """A batch with no other worker says so and ends; with a good one beside it works with that one alone."""
    other = machine(tmp_path / "other")
    (other / "components/lab/verdict.py").write_text((other / "components/lab/verdict.py").read_text() + "\n# changed\n")
    with cluster([other], tmp_path / "logs") as (address, _):
        order = ("--batch", "--backend", "dask", *MISSION, "--runs", str(tmp_path / "runs"), "--scheduler", address)
        ended = agent(*order)
        assert ended.returncode == 4 and "another code than the batch" in ended.stderr and "Traceback" not in ended.stderr
        good = node(["worker", address], ROOT, tmp_path / "logs/good.log", "worker of", os.environ)
        try:
            ended = agent(*order, "--minutes", "0.3")
        finally:
            good.kill()
        assert ended.returncode == 3 and "refused" in ended.stdout and "1 stopped" in ended.stdout, ended.stdout + ended.stderr


def certificate(folder: Path, name: str) -> tuple[str, ...]:
    """TLS options with a certificate that is its own authority."""
    key, cert = folder / f"{name}.key", folder / f"{name}.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={name}",
        "-keyout",
        str(key),
        "-out",
        str(cert),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return ("--tls-ca", str(cert), "--tls-cert", str(cert), "--tls-key", str(key))


@with_extra
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl to make certificates with")
def test_only_who_has_a_certificate_is_let_in(tmp_path: Path) -> None:
    """A batch without one, and one with another, are told so; with the right one it works."""
    right, wrong = certificate(tmp_path, "right"), certificate(tmp_path, "wrong")
    address = f"tls://127.0.0.1:{free_port()}"
    order = ("--batch", "--backend", "dask", *MISSION, "--runs", str(tmp_path / "runs"), "--scheduler")
    nodes = [node(["scheduler", address, *right], ROOT, tmp_path / "scheduler.log", "scheduler at", os.environ)]
    try:
        nodes.append(node(["worker", address, *right], ROOT, tmp_path / "worker.log", "worker of", os.environ))
        for given in ((address, *wrong), (address.replace("tls", "tcp"),)):
            ended = agent(*order, *given)
            assert ended.returncode == 4 and "does not answer as a scheduler" in ended.stderr and "Traceback" not in ended.stderr
        ended = agent(*order, address, *right, "--minutes", "0.1")
        assert ended.returncode == 3 and "worker    " in ended.stdout, ended.stdout + ended.stderr
    finally:
        for one in reversed(nodes):
            one.kill()


@pytest.fixture(scope="module")
def database() -> Iterator[postgres.Server]:
    """A server."""
    pytest.importorskip("psycopg", reason="the extra [cluster] is not installed")
    if why := postgres.absent():
        pytest.skip(why)
    with postgres.server() as made:
        yield made


@contextlib.contextmanager
def started(runs: Path, address: str, server: postgres.Server, *more: str) -> "Iterator[subprocess.Popen[str]]":
    """A batch of one mission on the workers; it ends with the test."""
    command = [sys.executable, "-m", "agent", "--batch", "--backend", "dask", "--scheduler", address, *MISSION]
    command += ["--runs", str(runs), "--checkpoints", server.url, *more]
    environ = {name: value for name, value in os.environ.items() if name != "PGPASSWORD"}  # workers have their own
    (runs / "password").write_text(server.password)
    environ["PGPASSWORD_FILE"] = str(runs / "password")
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def markers(run: Path) -> dict[str, bytes]:
    """What is committed."""
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in sorted(run.glob("results/calls/*/*.json"))}


def mission_of(run: Path) -> int:
    """Process that works on a run, as its lock tells."""
    until = time.monotonic() + 60
    while not (text := (run / "run.lock").read_text()) and time.monotonic() < until:
        time.sleep(0.1)
    return int(json.loads(text)["pid"])


def further(runs: Path, run: Path) -> int:
    """Wait until the mission has done more than before; its process."""
    on_worker(runs, "CORE-001", calls=len(markers(run)) + 3)
    return mission_of(run)


@with_extra
@pytest.mark.slow
def test_a_mission_whose_worker_dies_is_resumed_on_another_node(tmp_path: Path, database: postgres.Server) -> None:
    """First the worker's process is killed, then a whole node with the mission on it: the same run goes on, nothing is done again."""
    quiet, runs = tmp_path / "quiet", tmp_path / "runs"
    runs.mkdir()
    places = [machine(tmp_path / "a"), machine(tmp_path / "b")]
    with cluster(places, tmp_path / "logs", database.environment) as (address, nodes), started(runs, address, database) as batch:
        first = on_worker(runs, "CORE-001", calls=25)
        (run,) = (runs / "CORE-001").glob("run-*")
        before = markers(run)
        os.kill(first, signal.SIGKILL)
        second = on_worker(runs, "CORE-001", calls=45, unlike=first)
        between = markers(run)
        lost_power(nodes, second, mission_of(run))
        said, _ = batch.communicate(timeout=LONGEST)
    assert batch.returncode == 0 and "1 finished" in said and said.count("is gone; another one goes on") == 2, said
    after = markers(run)
    assert before.items() <= between.items() <= after.items() and len(before) < len(between) < len(after)
    assert executed_again(run) == [] and doubled(run) == [] and list((runs / "CORE-001").glob("run-*")) == [run]
    entered = [
        row["data"]["phase"] for row in map(json.loads, (run / "ledger.jsonl").read_text().splitlines()) if row["kind"] == "phase_entered"
    ]
    assert entered.count("research") == entered.count("build") == 1, entered  # it went on where it was, and did not walk again
    assert config_of(Workspace(run))["checkpoints"] == database.url and not (run / "checkpoints.sqlite").exists()
    assert_no_password(database.password, runs, tmp_path / "logs", said)
    goes_on_without_its_checkpoints(runs, run, database)
    alone = [sys.executable, "-m", "agent", "--batch", *MISSION, "--runs", str(quiet)]
    subprocess.run(alone, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=LONGEST)
    (undisturbed,) = (quiet / "CORE-001").glob("run-*")
    told = differences(undisturbed, run)
    assert not told["lost"] and not told["added"] and not told["verdicts"], told


def lost_power(nodes: list[Node], worker: int, mission: int) -> None:
    """Kill the node of a worker and the mission on it at once."""
    group = os.getpgid(worker)
    (victim,) = [one for one in nodes if os.getpgid(one.process.pid) == group]
    os.killpg(mission, signal.SIGKILL)
    victim.kill()


def assert_no_password(password: str, *places: Path | str) -> None:
    """It stands nowhere but in the file that holds it."""
    for place in places:
        texts = (
            [place]
            if isinstance(place, str)
            else [p.read_text(errors="replace") for p in place.rglob("*") if p.is_file() and p.name != "password"]
        )
        assert not any(password in text for text in texts)


def goes_on_without_its_checkpoints(runs: Path, run: Path, server: postgres.Server) -> None:
    """Sound; one line when the server is down; a lost database costs the walk, and that is told."""
    environ = server.environment
    assert agent("runs", "verify", "--runs", str(runs), env=environ).returncode == 0
    server.stop()
    down = agent("runs", "verify", "--runs", str(runs), env=environ)
    assert down.returncode == 3 and "cannot be reached" in down.stderr and "Traceback" not in down.stderr
    server.start()
    server.sql("delete from checkpoints")
    lost = agent("runs", "verify", "--runs", str(runs), env=environ)
    assert lost.returncode == 1 and "is missing" in lost.stdout and "walked again" in lost.stdout
    before = markers(run)
    again = agent("--runs", str(runs), "--resume", "CORE-001", env=environ)
    assert again.returncode == 0 and "is missing; the mission is walked again" in again.stdout, again.stdout + again.stderr
    assert markers(run) == before and executed_again(run) == []
    store = store_of(Workspace(run), config_of(Workspace(run)), Settings.load(environ))
    assert store.damage() == ""


@with_extra
@pytest.mark.slow
def test_a_scheduler_that_dies_and_a_batch_that_is_killed_lose_nothing(tmp_path: Path, database: postgres.Server) -> None:
    """Each time its mission stops on the worker, and the same command goes on with it."""
    runs = tmp_path / "runs"
    runs.mkdir()
    with cluster([ROOT], tmp_path / "first", database.environment) as (address, nodes):
        with started(runs, address, database) as batch:
            on_worker(runs, "CORE-001", calls=8)
            (run,) = (runs / "CORE-001").glob("run-*")
            pid = mission_of(run)
            batch.kill()
        gone(pid)
        with started(runs, address, database) as batch:
            pid = further(runs, run)
            nodes[0].kill()
            said, _ = batch.communicate(timeout=120)
        assert batch.returncode == 3 and "is gone" in said and "Nothing is lost" in said and "Traceback" not in said, said
        gone(pid)
    with cluster([ROOT], tmp_path / "second", database.environment) as (address, _), started(runs, address, database) as batch:
        further(runs, run)
        batch.send_signal(signal.SIGTERM)
        said, _ = batch.communicate(timeout=120)
    assert batch.returncode == 130 and "1 stopped" in said, said
    assert list((runs / "CORE-001").glob("run-*")) == [run] and executed_again(run) == []
    assert [row.outcome for row in all_ended(runs)] == ["stopped"]
    assert worker_of(read_standing(runs), "CORE-001") == 0


def gone(pid: int) -> None:
    """Wait until a process is."""
    until = time.monotonic() + 60
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists()
