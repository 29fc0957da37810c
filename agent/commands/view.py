"""`python -m agent view`: the folder of runs in a browser of this machine, until Ctrl-C."""

import contextlib
import signal
import sys
from collections.abc import Iterator

from agent.core.errors import EnvironmentUnfit, UsageError
from agent.core.settings import Settings
from agent.reporting.viewer import START, Viewer

HIGHEST = 65535
"""Port."""


def view(port: int, settings: Settings) -> int:
    """Serve until a person or the system has enough of it."""
    if not settings.runs.is_dir():
        raise UsageError(f"there is no folder {settings.runs}", hint="Name the folder of runs with --runs DIR.")
    if not 0 <= port <= HIGHEST:
        raise UsageError(f"--port {port}: give a number from 0 (a free one) to {HIGHEST}")
    try:
        server = Viewer(settings.runs, port)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise EnvironmentUnfit(f"port {port} cannot be used: {reason}", hint="Leave --port out: a free one is taken.") from error
    with contextlib.suppress(KeyboardInterrupt), ended_by_sigterm(), server:
        if not (settings.runs / START).exists():
            print("note: there is no campaign page yet: python -m agent report --campaign", file=sys.stderr)
        print(f"{server.address}  (Ctrl-C ends it)", flush=True)
        server.serve_forever()
    return 0


@contextlib.contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM is an end like Ctrl-C."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
