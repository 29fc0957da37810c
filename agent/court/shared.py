"""Verdicts and proofs that do not depend on the entry, done once for all missions of a batch and taken over by content hash.

A thing on the shelf is named by the hash of all that decides it: the release under test, the lab, the court, the interpreter, the sandbox,
and the probe or the script. What one mission is making, the others of the batch wait for, but not for long: until it is there, or its
maker is gone or hangs. Nothing unknown, suspected or flaky is ever put there, and no checkout, which may change. What is taken over says
in which run it was made.
"""

import contextlib
import hashlib
import json
import sys
import time
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from agent.core.artifacts import Proof
from agent.core.files import write_atomic
from agent.core.locks import free_locks
from agent.core.record import Record
from agent.core.target import package_fingerprint
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard
from agent.court.trials import CaseVerdict
from tools.sandbox import choose

LOOK = 0.2
"""Seconds between two looks at a shelf that another mission is about to fill."""
PATIENCE = 60.0
"""Seconds that a mission waits for another one in one go: that may hang, and must not stop all others."""

Kept = TypeVar("Kept", "ProbeShelf", "ProofShelf", "PatternShelf")


class ProbeShelf(Record):
    """What the fixed cases of a probe came to."""

    made_in: str
    """`<ENTRY>/<run>`."""
    rows: tuple[CaseVerdict, ...]
    controls: tuple[CaseVerdict, ...]
    """Of the violated ones."""
    logs: dict[str, str]
    """What the cases printed and logged, by file name."""


class ProofShelf(Record):
    """A confirmed proof and its files."""

    made_in: str
    proof: Proof
    files: dict[str, str]
    """Scripts and logs by name, as in `findings/proofs/`."""


class PatternShelf(Record):
    """A case beyond the fixed ones that a search found violated: a failure pattern, to be tried by every other mission with the probe."""

    made_in: str
    row: CaseVerdict


@contextlib.contextmanager
def makes(places: Iterable[Path], most: int = 1) -> Iterator[set[Path]]:
    """Yields the first places, `most` of them, that no other mission is about to fill; they are ours until the end of the block."""
    locks = {place.with_suffix(".making"): place for place in places}
    with free_locks(locks, most) as ours:
        yield {locks[path] for path in ours}


@contextlib.contextmanager
def taken_or_ours(place: Path | None, kind: type[Kept]) -> Iterator[Kept | None]:
    """Yields what is on the shelf, after a wait while another mission makes it; None when it is ours to make, or that took too long."""
    until = time.monotonic() + PATIENCE
    while True:
        with makes([place] if place else []) as ours:
            kept = taken(place, kind)
            if kept or ours or not place or time.monotonic() > until:
                yield kept
                return
        time.sleep(LOOK)


def patterns(cards: Iterable[ProbeCard], context: ToolContext) -> list[PatternShelf]:
    """What searches of other missions found with these probes, in an order of its own."""
    folders = [folder for card in cards if (folder := _patterns_of(card.id, context))]
    kept = [taken(file, PatternShelf) for folder in folders for file in sorted(folder.glob("*.json"))]
    return [pattern for pattern in kept if pattern]


def put_pattern(row: CaseVerdict, context: ToolContext) -> None:
    """Leave a violated case that a search found for other missions."""
    if folder := _patterns_of(row.probe, context):
        put(folder / f"{row.case}.json", PatternShelf(made_in=run_name(context), row=row), context)


def probe_place(card: ProbeCard, context: ToolContext) -> Path | None:
    """Where the verdicts of a probe would be; None when nothing is shared."""
    return _place(context, "probe", card.id)


def proof_place(script: str, context: ToolContext) -> Path | None:
    """Where the proof by a script would be; None when nothing is shared."""
    return _place(context, "proof", script)


def taken(place: Path | None, kind: type[Kept]) -> Kept | None:
    """What is on the shelf; None when it is not there, or not as it was put there."""
    if place is None:
        return None
    try:
        seal, _, body = place.read_bytes().partition(b"\n")
        return kind.model_validate_json(body) if seal.decode() == hashlib.sha256(body).hexdigest() else None
    except (FileNotFoundError, UnicodeDecodeError, ValidationError):
        return None


def put(place: Path | None, thing: ProbeShelf | ProofShelf | PatternShelf, context: ToolContext) -> None:
    """Put something on the shelf; a shelf that cannot be written is told and does no harm."""
    if place is None:
        return
    body = thing.model_dump_json().encode()
    try:
        write_atomic(place, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    except OSError as error:
        context.progress(f"not shared with other missions: {error}")


def run_name(context: ToolContext) -> str:
    """`<ENTRY>/<run>` of the context's run."""
    assert context.workspace
    return f"{context.workspace.root.parent.name}/{context.workspace.root.name}"


def _patterns_of(probe: str, context: ToolContext) -> Path | None:
    place = _place(context, "pattern", probe)
    return place.with_suffix("") if place else None


def _place(context: ToolContext, kind: str, subject: str) -> Path | None:
    settings, target = context.settings, context.target
    if settings.shared is None or context.workspace is None or target is None or target.search_path is not None:
        return None
    decisive = [target.fingerprint, *_code(settings.project), sys.version, choose(settings.sandbox).name, kind, subject]
    name = hashlib.sha256(json.dumps(decisive).encode()).hexdigest()[:32]
    return settings.shared / kind / f"{name}.json"


@cache
def _code(project: Path) -> tuple[str, str]:
    return package_fingerprint(project / "components"), package_fingerprint(project / "agent/court")
