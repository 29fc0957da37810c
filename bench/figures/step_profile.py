"""Tells what a step of a mission spends the processor on.

    python -m bench.figures.step_profile [STEPS]

Profiles every thread by its own processor time (cProfile, which makes calls look dearer than work in C) and prints the shares of the parts
that do not hold each other. What waits, for the disk or for another thread, counts for nothing here: `make bench` tells that apart.
"""

import contextlib
import cProfile
import io
import pstats
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from langgraph.pregel.main import Pregel

from bench.figures.loops import ours
from bench.figures.steps import served

PARTS: dict[str, tuple[str, str]] = {
    "the question, without the request": ("models/ask.py", "run"),
    "  of it the store of calls": ("models/calls.py", "put"),
    "the request: SDK and HTTP client": ("models/groq.py", "exchange"),
    "the search in the documentation": ("tools/read_docs.py", "read_docs"),
    "the trace": ("reporting/trace.py", "__call__"),
    "checkpoints": ("core/checkpoints.py", "put"),
}
"""What a part is, by the end of its file's name and its function."""


def main(steps: int) -> None:
    """Profile, add up, print."""
    profiles: list[cProfile.Profile] = []

    def profiled(work):  # type: ignore[no-untyped-def]
        def wrapped(*args, **kwargs):  # type: ignore[no-untyped-def]
            profile = cProfile.Profile(time.thread_time)
            profiles.append(profile)
            return profile.runcall(work, *args, **kwargs)

        return wrapped

    invoke = Pregel.invoke

    def first(*args, **kwargs):  # type: ignore[no-untyped-def]
        Pregel.invoke, threading.Thread.run = invoke, profiled(threading.Thread.run)  # type: ignore[method-assign]
        return profiled(invoke)(*args, **kwargs)

    Pregel.invoke = first  # type: ignore[method-assign]
    with served() as url, tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        ours.main(url, steps, Path(folder))
    tell(profiles, steps)


def tell(profiles: list[cProfile.Profile], steps: int) -> None:
    """Shares of the time of all threads."""
    total, cumulative = 0.0, Counter[tuple[str, str]]()
    for profile in profiles:
        try:
            stats = pstats.Stats(profile)
        except TypeError:  # a thread that did nothing
            continue
        total += stats.total_tt  # type: ignore[attr-defined]
        for (file, _, function), row in stats.stats.items():  # type: ignore[attr-defined]
            cumulative["/".join(file.split("/")[-2:]), function] += row[3]
    inside = cumulative["policies/playbook.py", "decide"] + cumulative["court/replay.py", "each"]
    graph = cumulative["pregel/main.py", "invoke"] - inside
    journal = cumulative["core/journal.py", "once"] - cumulative["core/shortage.py", "counted"]
    rows = {name: cumulative[part] for name, part in PARTS.items()} | {"LangGraph, without checkpoints": graph, "the journal": journal}
    for name, seconds in rows.items():
        sys.stdout.write(f"{seconds / total:6.1%}  {name}\n")
    sys.stdout.write(f"of {total / steps * 1e3:.1f} ms a step under the profiler\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
