"""Secrets in the kernel's own stores: a key, shared memory, a message queue; and a neighbour that holds one in every way it can."""

import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.sandbox.hostile.attack import call, libc
from tools.sandbox import Job, choose

NEIGHBOUR = """
import ctypes, json, os, signal, sys, time
token = sys.argv[1].encode()
held = ctypes.create_string_buffer(token, 64)
open('private', 'wb').write(token)
kept = open('private', 'rb')
signal.signal(signal.SIGUSR1, lambda *_: open('signalled', 'a').write('x'))
open('ready.tmp', 'w').write(json.dumps([os.getpid(), ctypes.addressof(held)]))
os.rename('ready.tmp', 'ready')
while not os.path.exists('stop'): time.sleep(0.03)
"""


class Neighbour:
    """A process of the same user and as few privileges as a job has, so that only the sandbox can protect it."""

    def __init__(self, folder: Path, token: str) -> None:
        self.folder = folder
        job = Job([sys.executable, "-c", NEIGHBOUR, token], folder, writable=(folder,), env={"API_KEY": token}, seconds=600)
        self.thread = threading.Thread(target=choose("rlimits").run, args=(job,), daemon=True)
        self.thread.start()
        for _ in range(1000):
            if (folder / "ready").exists():
                break
            time.sleep(0.01)
        self.alive = True
        self.pid, self.address = json.loads((folder / "ready").read_text())

    def signalled(self) -> bool:
        """Whether a signal reached it since the last look, or it is gone."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "signalled").unlink()
            return True
        before, self.alive = self.alive, self.thread.is_alive()
        return before and not self.alive

    def close(self) -> None:
        """Let it end."""
        (self.folder / "stop").touch()
        self.thread.join()


class Stores:
    """A key in the session's keyring, a System V segment, a file in /dev/shm, a message queue; all open to everybody."""

    def __init__(self, unique: str, token: str) -> None:
        secret = token.encode()
        call("keyctl", 1, None)
        key = call("add_key", b"user", b"stageflow-battery", secret, len(secret), -3)
        call("keyctl", 5, key, 0x3F3F3F3F)
        shm_key = 0x5F000000 + os.getpid()
        self.segment = call("shmget", shm_key, 4096, 0o1666)
        libc.shmat.restype = ctypes.c_void_p
        if self.segment >= 0:
            ctypes.memmove(libc.shmat(self.segment, None, 0), secret, len(secret))
        self.file = Path("/dev/shm") / unique
        with contextlib.suppress(OSError):
            self.file.write_bytes(secret)
            self.file.chmod(0o644)
        self.queue_name = f"/{unique}"
        before = os.umask(0)
        self.queue = libc.mq_open(self.queue_name.encode(), os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o666, None)
        os.umask(before)
        self.at: dict[str, Any] = {"key": key, "shm_key": shm_key, "posix_shm": unique, "queue": self.queue_name}

    def close(self) -> None:
        """Take all of it away."""
        libc.shmctl(self.segment, 0, None)
        self.file.unlink(missing_ok=True)
        libc.mq_unlink(self.queue_name.encode())


class Signals:
    """What reached the agent's own process."""

    def __init__(self) -> None:
        self.count = 0
        signal.signal(signal.SIGURG, self._heard)

    def _heard(self, number: int, frame: object) -> None:
        self.count += 1

    def take(self) -> bool:
        """Whether one came since the last look."""
        came, self.count = self.count > 0, 0
        return came
