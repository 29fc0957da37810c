"""What is outside, and must stay as it is: listeners that nobody may reach, a home with secrets, a clock and the memory of a command."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
CANARY = "canary-9f2c41d7e8b35a60"
"""A key, wherever one can be."""


class Listener:
    """Counts connections; nobody should make one."""

    def __init__(self, family: socket.AddressFamily, address: str) -> None:
        self.reached: list[bytes] = []
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.bind((address, 0))
        self._socket.listen(64)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                with connection, suppress(OSError):
                    connection.settimeout(1)
                    self.reached.append(connection.recv(400))

    def close(self) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@dataclass
class World:
    """A folder that holds a home, runs and a cache; only runs and cache may change."""

    folder: Path
    listeners: list[Listener] = field(default_factory=list)

    @property
    def ports(self) -> dict[str, object]:
        """For texts and redirects."""
        return {"port": self.listeners[0].port, "port6": self.listeners[-1].port, "host": socket.gethostname()}

    def environment(self, **more: str) -> dict[str, str]:
        """Of a command: this process's, another home, no model."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GROQ_", "OPENAI_", "STAGEFLOW_AGENT_", "OTEL_"))}
        own = {"HOME": str(self.folder / "home"), "STAGEFLOW_AGENT_CACHE": str(self.folder / "cache"), "COLUMNS": "200"}
        return kept | own | more

    def outside(self) -> dict[str, str]:
        """Everything but runs and cache, by path, with a hash; what must not appear is among it."""
        files = [path for path in (self.folder / "home").rglob("*") if path.is_file()]
        found = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        return found | {str(path): "there" for path in (Path("/tmp/hx7"), ROOT / "hx7") if path.exists()}

    def reached(self) -> list[bytes]:
        """What arrived at listeners."""
        return [words for listener in self.listeners for words in listener.reached]


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str
    seconds: float
    megabytes: float


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """One, for as long as the block lasts."""
    (folder / "home/.ssh").mkdir(parents=True)
    (folder / "home/.ssh/id_rsa").write_text(CANARY)
    (folder / "home/.netrc").write_text(f"machine 127.0.0.1 login me password {CANARY}\n")
    made = World(folder, [Listener(socket.AF_INET, "127.0.0.1")])
    with suppress(OSError):  # a machine without IPv6 has nothing to reach there
        made.listeners.append(Listener(socket.AF_INET6, "::1"))
    try:
        yield made
    finally:
        for listener in made.listeners:
            listener.close()


def command(*args: str, env: Mapping[str, str], seconds: float = 60.0, until: Callable[[], bool] | None = None) -> Said:
    """Run one of the project's commands, or interrupt it when `until` says so; its memory is that of its largest process."""
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, *args], cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    texts: dict[str, bytes] = {}

    def drain(name: str, stream: object) -> None:
        texts[name] = stream.read()  # type: ignore[attr-defined]

    readers = [threading.Thread(target=drain, args=(name, getattr(process, name))) for name in ("stdout", "stderr")]
    for reader in readers:
        reader.start()
    late = threading.Timer(seconds, process.kill)
    late.start()
    while until and not until() and not os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        time.sleep(0.05)
    if until:
        process.terminate()
    _, status, usage = os.wait4(process.pid, 0)
    late.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    for reader in readers:
        reader.join()
    process.stdout.close()  # type: ignore[union-attr]
    process.stderr.close()  # type: ignore[union-attr]
    out, err = (texts[name].decode("utf-8", "surrogateescape") for name in ("stdout", "stderr"))
    return Said(process.returncode, out, err, time.monotonic() - began, usage.ru_maxrss / 1024)
