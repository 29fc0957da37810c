"""Real small models on this machine, from packages that are not among the requirements.

The weights run in a child process on loopback, started at the first call. A call that takes too long ends with that child, because
nothing else stops a generation; the next call starts another.
"""

import importlib.util
import select
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

from agent.core.chat import Reply, Request
from agent.core.errors import ModelRefused, ModelUnavailable
from agent.core.settings import Settings
from agent.models.catalogue import Weights, catalogue
from agent.models.openai_compatible import OpenAICompatibleModel
from agent.models.weights import installed, joined

RUNTIME = "xllamacpp"
Child = subprocess.Popen[str]


class LocalModel:
    """One model of the catalogue's weights."""

    provider = "local"
    constrains = True

    def __init__(self, weights: Weights, project: Path, cache: Path, notices: tuple[str, ...] = ()) -> None:
        self.name = weights.name
        self.notices = notices
        self._weights = weights
        self._project = project
        self._cache = cache
        self._turn = threading.Lock()
        self._running: tuple[Child, str] | None = None

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """One call; see `ChatModel`. The first also loads the weights."""
        deadline = time.monotonic() + seconds
        if not self._turn.acquire(timeout=seconds):
            raise ModelUnavailable("local: another call took all the time")
        try:
            endpoint = OpenAICompatibleModel(self._base_url(deadline), None, self.name, provider=self.provider)
            return endpoint.complete(request, seconds=max(0.1, deadline - time.monotonic()))
        except ModelUnavailable:
            self.close()
            raise
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the child process."""
        if self._running is not None:
            _end(self._running[0])
            self._running = None

    def _base_url(self, deadline: float) -> str:
        if self._running is not None and self._running[0].poll() is None:
            return self._running[1]
        self.close()
        if importlib.util.find_spec(RUNTIME) is None:
            raise ModelRefused(f"local: the package {RUNTIME} is not installed", hint="Install the extra [local]: `make local`.")
        child = self._start(joined(self._weights, self._cache))
        weakref.finalize(self, _end, child)
        self._running = (child, _address(child, deadline))
        return self._running[1]

    def _start(self, weights: Path) -> Child:
        command = [sys.executable, "-m", "agent.models.local_server", str(weights), "--name", self.name]
        return subprocess.Popen(
            [*command, "--context", str(self._weights.context)],
            cwd=self._project,
            env={"OMP_WAIT_POLICY": "passive"},  # native code of others need not see any key
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )


def _address(child: Child, deadline: float) -> str:
    """The line in which the child says where it listens; without it the child is ended."""
    assert child.stdout is not None
    ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
    line = child.stdout.readline().strip() if ready else ""
    if not line.startswith("http://127.0.0.1:"):
        _end(child)
        raise ModelUnavailable("local: the weights could not be loaded" if ready else "local: the weights were not loaded in time")
    return line


def _end(child: Child) -> None:
    child.kill()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            stream.close()
    child.wait()


def connect(settings: Settings) -> LocalModel:
    """The weights that the settings name, else the strongest that are installed, with a notice."""
    known = catalogue().weights
    chosen = next((weights for weights in known if weights.name == settings.model), None)
    if chosen is not None:
        return LocalModel(chosen, settings.project, settings.cache)
    fallback = next(iter(installed()), known[-1])
    notice = f"local: there are no weights named {settings.model}; {fallback.name} is asked"
    return LocalModel(fallback, settings.project, settings.cache, (notice,))
