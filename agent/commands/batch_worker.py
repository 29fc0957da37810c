"""What a worker on some machine does for a batch: says whether it can, and carries a mission out as a child process of its own."""

import os
import platform
import socket
import tempfile
import time
from pathlib import Path

from agent.commands.batch_carrying import GRACE, TICK, LocalMission, begun
from agent.commands.batch_plan import newest_run
from agent.commands.conditions import code_hashes
from agent.core.checkpoint_store import FILE, store_of
from agent.core.errors import AgentError
from agent.core.locks import held
from agent.core.record import Record
from agent.core.settings import Settings, project_root
from agent.core.workspace import Workspace
from tools.sandbox import choose
from tools.targets import resolve

LEASE = 150.0
"""Seconds that the run of a dead worker is waited for: NFS 4 keeps the lock of a machine that vanished for 90."""
LOOK = 5.0
"""Seconds between two looks whether the batch is still there."""
STOPPED = 130
UNDER_WAY: dict[str, LocalMission] = {}
"""Missions of this worker by their key."""
TOLD: set[str] = set()
"""Keys of missions that are told to stop."""


class Order(Record):
    """What a worker needs to know of a batch; no key of a model is in it, a worker has its own environment."""

    runs: str
    """The shared folder, at the same path on all machines."""
    lock: str
    """The batch's lock file, relative to it."""
    holder: str
    """What the batch wrote into it."""
    target: str
    """As it was asked for."""
    command: tuple[str, ...]
    """Options for every mission."""
    checkpoints: str
    sandbox: str


class Facts(Record):
    """What a worker says of itself."""

    name: str
    """Machine and process."""
    differs: dict[str, str]
    """Whatever must be the same on all machines."""
    problem: str
    """Why it cannot work for this batch; empty when it can."""


def facts_here(target_fingerprint: str, settings: Settings) -> dict[str, str]:
    """What must be the same on the machine of the batch and on all of its workers."""
    return {"Python": ".".join(platform.python_version_tuple()[:2]), **code_hashes(settings), "target": target_fingerprint}


def examined(text: str) -> str:
    """Look at this worker's machine with the eyes of the batch."""
    order, name = Order.model_validate_json(text), f"{socket.gethostname()}/{os.getpid()}"
    try:
        settings = Settings.load(runs=order.runs, sandbox=order.sandbox, checkpoints=order.checkpoints)
        if problem := folder_problem(order):
            return Facts(name=name, differs={}, problem=problem).model_dump_json()
        choose(settings.sandbox)
        differs = facts_here(resolve(order.target, settings, progress=lambda text: None).fingerprint, settings)
        if order.checkpoints not in ("", FILE):
            store_of(Workspace(Path(order.runs)), {}, settings).damage()
        return Facts(name=name, differs=differs, problem="").model_dump_json()
    except AgentError as error:
        return Facts(name=name, differs={}, problem=f"{error}. {error.hint}").model_dump_json()


def folder_problem(order: Order) -> str:
    """Why the folder of runs is not shared as it must be; empty when it is."""
    lock = Path(order.runs) / order.lock
    try:
        if lock.read_text(encoding="utf-8") != order.holder:
            return f"{order.runs} is another folder there than the one of the batch"
        with tempfile.NamedTemporaryFile(dir=lock.parent, prefix=".worker-"):
            pass
    except OSError as error:
        return f"{lock.parent} cannot be used there: {error.strerror or error}; all machines need the same folder at the same path"
    if not goes_on(order):
        how = "mount it over NFS 4 on all of them, also on the one that exports it, and without `nolock` and `local_lock`"
        return f"locks on files in {order.runs} do not hold between the machines: {how}"
    return ""


def goes_on(order: Order) -> bool:
    """Whether the batch is still there and holds its lock."""
    lock = Path(order.runs) / order.lock
    try:
        return lock.read_text(encoding="utf-8") == order.holder and held(lock)
    except OSError:
        return False


def carry_out(key: str, entry: str, text: str) -> int:
    """Run a mission to its end; its exit code."""
    from distributed import get_worker

    order, worker = Order.model_validate_json(text), get_worker()
    free(Path(order.runs), entry, key)
    if key in TOLD:
        return STOPPED
    UNDER_WAY[key] = mission = begun(entry, Path(order.runs), order.command, project_root())
    stopping, looked = 0.0, time.monotonic()
    try:
        while (code := mission.poll()) is None:
            time.sleep(TICK)
            at = time.monotonic()
            gone = str(worker.status) not in ("Status.running", "Status.paused")
            if at - looked > LOOK:
                looked, gone = at, gone or not goes_on(order)
            if gone and not stopping:
                stopping = at
                mission.terminate()
            elif stopping and at - stopping > GRACE:
                mission.kill()
        return code
    finally:
        if mission.returncode is None:
            mission.kill()
        UNDER_WAY.pop(key, None)


def free(runs: Path, entry: str, key: str) -> None:
    """Wait until whoever worked on the entry's run before has let go of it; if he does not, the mission itself will say so."""
    until = time.monotonic() + LEASE
    while (run := newest_run(runs, entry)) and held(run.root / "run.lock") and time.monotonic() < until and key not in TOLD:
        time.sleep(TICK)


def stop(key: str, hard: bool) -> None:
    """Have a mission of this worker stop, resumably or at once."""
    TOLD.add(key)
    if mission := UNDER_WAY.get(key):
        mission.kill() if hard else mission.terminate()
