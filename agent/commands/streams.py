"""Standard input and output as a program may be given them: closed, full, read by nobody, or of another encoding."""

import contextlib
import faulthandler
import io
import os
import sys

from agent.core.errors import AgentError, EnvironmentUnfit, LimitReached


def make_ready() -> None:
    """See that the first three descriptors are open, so that no file of a run is taken for one of them, and that any text can be shown.

    An interpreter that dies of a fault of its own says where it was.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
    faulthandler.enable(2)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def unwritable(suspected: OSError | None = None) -> OSError | None:
    """Why standard output takes nothing more; None when it does. What is still to be said in vain is thrown away.

    Args:
        suspected: an error that may have come from there; when it names no file, a line end is written to find out.
    """
    try:
        sys.stdout.flush()
        if suspected and suspected.filename is None:
            os.write(1, b"\n")
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        return error
    return None


def lost(error: OSError) -> AgentError:
    """What a command says that could not tell its result."""
    again = "what was done is kept: run the same command again, a mission goes on with --resume."
    if isinstance(error, BrokenPipeError):
        return LimitReached("nobody reads standard output any more", hint=f"Keep the reader or send it to a file; {again}")
    if error.errno is not None and error.strerror:
        return LimitReached(f"standard output cannot be written: {error.strerror.lower()}", hint=f"Send it elsewhere; {again}")
    return EnvironmentUnfit("standard output cannot be written")
