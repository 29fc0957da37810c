"""A mission as a child of a batch: it is told to stop, resumably, as soon as the batch is gone, however that came about."""

import ctypes
import os
import signal
import sys

from agent.cli import main
from agent.commands.endings import leave

PR_SET_PDEATHSIG = 1
"""Of prctl(2), Linux."""


def stop_with(parent: int) -> None:
    """Have the kernel send SIGTERM when the parent ends; end at once when it has ended already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(130)


if __name__ == "__main__":
    stop_with(int(sys.argv[1]))
    leave(main(sys.argv[2:]))
