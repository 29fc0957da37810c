"""Says of one attack what happened outside; nothing is what a sandbox is for."""

import contextlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tests.sandbox.world import Plot, World

DEEPEST = 100
CODE_RAN = b"hostile code ran"


def spoken(text: str) -> str:
    """The first character that a terminal would obey or be deceived by; empty when there is none."""
    return next((repr(c) for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")), "")


def changed(plot: Plot, world: World) -> Iterator[str]:
    """What is other than it was."""
    before, now = world.before[plot.name], plot.outside()
    for path in sorted(before.keys() | now.keys()):
        if before.get(path) != now.get(path):
            yield f"{'changed' if path in before and path in now else 'made' if path in now else 'gone'}: {Path(path).relative_to(world.base)}"
    yield from (f"made: {path}" for path in world.tmp_drops(plot.name) if Path(path).exists())


def carried(plot: Plot, world: World) -> Iterator[str]:
    """Secrets and claims in what the job wrote, and words that arrived."""
    for path in (plot.results / "loot", plot.results / "logs/own.log", plot.results / "metrics/own.json"):
        with contextlib.suppress(OSError):
            if path.is_fifo():
                continue
            content = path.read_bytes()
            if any(token in content for token in world.tokens):
                yield f"a secret in {path.name}"
    with contextlib.suppress(OSError):
        yield from (f"granted: {line}" for line in (plot.results / "got").read_text(errors="replace").splitlines())
    if f"={plot.name}=".encode() in world.listeners.heard:
        yield "it was heard outside"


def left(plot: Plot) -> Iterator[str]:
    """What lies in the granted folder and is no plain file or folder."""
    waiting = [(plot.results, 0)]
    while waiting:
        folder, depth = waiting.pop()
        if depth > DEEPEST:
            yield f"folders deeper than {DEEPEST}"
            continue
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            yield f"a folder that cannot be listed: {type(error).__name__}"
            continue
        for entry in entries:
            mode = entry.stat(follow_symlinks=False).st_mode
            path = Path(entry.path)
            if stat.S_ISLNK(mode):
                if not path.resolve().is_relative_to(plot.results.resolve()):
                    yield f"a link to {os.readlink(path)}"
            elif stat.S_ISDIR(mode):
                waiting.append((path, depth + 1))
            elif not stat.S_ISREG(mode):
                yield f"a {stat.filemode(mode)[0]} file {entry.name!r}"
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                yield f"a set-uid file {entry.name!r}"
            if spoken(entry.name):
                yield f"the name {entry.name!r}"
            with contextlib.suppress(OSError):
                if "security.capability" in os.listxattr(path, follow_symlinks=False):
                    yield f"capabilities on {entry.name!r}"


def beats(plot: Plot) -> int:
    """How far a process that should be dead has come."""
    beat = plot.results / "beat"
    return beat.stat().st_size if beat.exists() else 0


def too_much(measured: dict[str, float], most: dict[str, float]) -> Iterator[str]:
    """Which bounds were passed."""
    for name, bound in most.items():
        if measured.get(name, 0) > bound:
            yield f"{name.replace('_', ' ')} {measured[name]:.4g}, bound {bound:g}"


def forged(stdout: bytes) -> bool:
    """Whether code that the job left was run by the next one."""
    return re.search(CODE_RAN, stdout) is not None
