"""How a command ends that did not end well: one line, what to do next, and an exit code."""

import atexit
import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import NoReturn

from agent.commands.streams import lost
from agent.core.errors import AgentError

ONLY_LOOK = ("graph", "folder-structure", "roadmap", "runs", "findings", "trace", "docs", "doctor")
"""Commands that change nothing: whoever has seen enough of them may go away."""
SOFTWARE = 70
"""Exit code of a defect in the agent itself, as `sysexits.h` has it."""


def leave(code: int) -> NoReturn:
    """End the process; with threads that still work, as those of an interrupted mission, at once: the interpreter's end would meet them.

    What was done is on disk by then; what the threads started ends with this process.
    """
    if threading.active_count() > 1:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


def unforeseen(error: Exception) -> int:
    """An error of the system as one line; anything else is a mistake of ours, and is not hidden, but for keys in what others sent."""
    from agent.core.shortage import told
    from agent.core.shown import shown

    if (known := told(error)) is not None:
        return complained(known)
    with contextlib.suppress(OSError):
        print(shown("".join(traceback.format_exception(error))), file=sys.stderr)
    return SOFTWARE


def unheard(error: OSError, given: Sequence[str]) -> int:
    """Nobody got what was printed: fine for what only looks, as in `runs | head`."""
    if isinstance(error, BrokenPipeError) and given[:1] and given[0] in ONLY_LOOK:
        return 0
    return complained(lost(error))


def complained(error: AgentError) -> int:
    """Say a deliberate error; its exit code."""
    from agent.core.shown import shown

    with contextlib.suppress(OSError):
        print(shown(f"error: {error}" + (f"\n  {error.hint}" if error.hint else "")), file=sys.stderr)
    return error.exit_code
