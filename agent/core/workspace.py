"""The one owner of every path of a run.

`LAYOUT` defines the run folder; `FOLDER_STRUCTURE.md` is rendered from it (`python -m agent folder-structure`),
and nothing is written outside of it.
"""

import contextlib
import datetime as dt
import functools
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.errors import RunDamaged, WorkspaceEscape, WorkspaceUnwritable
from agent.core.files import link_atomic, write_atomic
from agent.core.harmless import json_text
from agent.core.shortage import ran_out, told

PROJECTIONS = ("strengths.json", "bugs.json", "dx.json", "improvements.json")
"""The finding files, made from the ledger."""
RUN_NAME = re.compile(r"run-(\d{4}-\d{2}-\d{2})-(\d{3})")


HINT = "`python -m agent runs verify {run}` tells what is damaged, `python -m agent --resume {run}` repairs it."


@dataclass(frozen=True)
class Slot:
    """One place of the run folder: its path relative to the run, and what it is for."""

    path: str
    purpose: str


LAYOUT: tuple[Slot, ...] = (
    Slot("README.md", "what this run is, how to read it, and the one command that repeats it elsewhere"),
    Slot("FINAL_REPORT.md", "the report, filled from the ledger and the phase records"),
    Slot("report.html", "the same with charts, one self-contained page"),
    Slot("findings.json", "every finding of the run in one file"),
    Slot("strengths.json", "findings of kind STR"),
    Slot("bugs.json", "findings of kind BUG, confirmed ones only"),
    Slot("dx.json", "findings of kind DX"),
    Slot("improvements.json", "findings of kind IMP"),
    Slot("ledger.jsonl", "append-only record of what was observed; all reports are projections of it"),
    Slot("ledger.lock", "lock file of the ledger"),
    Slot("ledger.torn", "what could not be read of the ledger or of a finding file, kept as it was; only after damage"),
    Slot("checkpoints.sqlite", "LangGraph checkpoints: where the mission stands; absent when --checkpoints names a database"),
    Slot("run.lock", "held by the process that works on this run"),
    Slot("config/run_config.json", "entry, options, hashes of code, prompts and target"),
    Slot("config/environment.json", "machine, Python, packages, sandbox protections"),
    Slot("config/prompts/", "the phase orders as rendered for this mission"),
    Slot("research/summary.md", "what was searched, read and inspected, the risks and what follows from them"),
    Slot("research/search_results.json", "one receipt per web query, failed ones included"),
    Slot("research/citations.json", "documents that were read, with hashes, and addresses that the search returned"),
    Slot("research/api.json", "the public API of the target as inspected in its own interpreter"),
    Slot("research/hypotheses.json", "hypotheses with prediction and what would refute them, success criteria"),
    Slot("research/passages.jsonl", "passages of documents and web pages that a model could quote, with address, time and hashes"),
    Slot("research/model.json", "what a model added: searches, pages read or not, hypotheses with the passage that each one quotes"),
    Slot("mocks/persona.md", "the practitioner whose worries this mission takes on"),
    Slot("mocks/data/happy_path/", "normal inputs"),
    Slot("mocks/data/edge_cases/", "unusual but valid inputs"),
    Slot("mocks/data/adversarial/", "malformed and malicious inputs"),
    Slot("mocks/data/scale/", "recipe and sample of the high-volume inputs"),
    Slot("mocks/services/", "mocked services with their effects ledger"),
    Slot("pipelines/", "baseline, stress, chaos, adversarial and recovery pipelines, and the lab code they use"),
    Slot("tests/", "pytest files that repeat every verdict of this run on their own"),
    Slot("results/calls/", "one commit marker per finished tool call"),
    Slot("results/approvals/", "what a person was asked for with --approve, and decided"),
    Slot("results/clock.json", "working seconds of all processes of this run, counted against --minutes"),
    Slot("results/records/", "one record per finished phase"),
    Slot("results/metrics/", "measurements per test"),
    Slot("results/coverage/", "lines and branches of the target that searched cases ran, per test"),
    Slot("results/traces/", "captured events per test, compressed"),
    Slot("results/logs/", "raw logs (compressed beyond 32 kB: `zcat`) and their analysis, statistics and errors per test"),
    Slot("results/model/", "what a model was asked and answered, stored before anything is made of it; a recording to replay"),
    Slot("results/trace.jsonl", "spans of what the agent itself did: mission, phases, tool calls, gates, decisions, model calls"),
    Slot("findings/", "one folder per confirmed defect: repro.py, tests, claim, controls, logs, issue text; `proofs/` holds all scripts"),
    Slot("dx_evaluation/", "developer-experience scores with the facts behind them"),
    Slot("damaged/", "what a resume found damaged, as it was found; only after damage"),
)


class Workspace:
    """One run folder; every path handed out lies inside it and inside `LAYOUT`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def path(self, relative: str) -> Path:
        """Absolute path of `relative`.

        Raises:
            WorkspaceEscape: the path leaves the run folder, follows a link out of it, or is not in `LAYOUT`.
        """
        candidate = self.root / relative
        if not _straight(str(self.root), relative):
            candidate = candidate.resolve()
            if not candidate.is_relative_to(self.root):
                raise WorkspaceEscape(f"{relative!r} leads out of the run folder {self.root}")
        inside = candidate.relative_to(self.root).as_posix()
        if not _laid_out(inside):
            raise WorkspaceEscape(f"{inside!r} is not a place of a run folder", hint="See FOLDER_STRUCTURE.md.")
        return candidate

    def write(self, relative: str, content: str | bytes) -> Path:
        """Write a text or binary file atomically and return its absolute path."""
        path = self.path(relative)
        with _unwritable(path):
            write_atomic(path, content)
        return path

    def link(self, relative: str, source: Path) -> None:
        """Another name for a file of this run that is written whole or not at all, as `write`."""
        path = self.path(relative)
        with _unwritable(path):
            link_atomic(path, source)

    def write_json(self, relative: str, value: Any) -> Path:
        """Write `value` as JSON atomically and return the file's absolute path."""
        return self.write(relative, json_text(value, 2) + "\n")

    def read_json(self, relative: str) -> Any:
        """Parsed JSON of a file of this run, or None when there is no such file.

        Raises:
            RunDamaged: it cannot be read, or is no JSON.
        """
        try:
            path = self.path(relative)
            return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        except (OSError, ValueError, RecursionError, WorkspaceEscape) as error:
            raise RunDamaged(f"{self.name}: {relative} cannot be used: {reason(error)}", hint=HINT.format(run=self.name)) from error

    @property
    def name(self) -> str:
        """`<ENTRY>/<run>`."""
        return f"{self.root.parent.name}/{self.root.name}"

    def relative(self, path: Path) -> str:
        """`path` relative to the run folder, with forward slashes."""
        return path.resolve().relative_to(self.root).as_posix()


def _straight(root: str, relative: str) -> bool:
    """Whether the path leads down from the root, and no part of it is a link: nothing is left to resolve."""
    place = root
    for part in relative.removesuffix("/").split("/"):
        if part in ("", ".", "..") or "\0" in part:
            return False
        place = f"{place}/{part}"
        try:
            if stat.S_ISLNK(os.lstat(place).st_mode):
                return False
        except FileNotFoundError:  # nor is anything below it; what is ahead must lead down all the same
            continue
        except OSError:
            return False
    return True


@functools.lru_cache(maxsize=4_096)
def _laid_out(inside: str) -> bool:
    return any(inside == slot.path or (slot.path.endswith("/") and f"{inside}/".startswith(slot.path)) for slot in LAYOUT)


@contextlib.contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Free space or fix the permissions, then run `python -m agent --resume`."
        raise told(error, path) or WorkspaceUnwritable(f"cannot write {path}: {error.strerror}", hint=hint) from error


def reason(error: Exception) -> str:
    """Why a file cannot be used, in a few words."""
    if isinstance(error, OSError):
        return str(error.strerror or error).lower()
    return str(error) if isinstance(error, WorkspaceEscape) else "it is not JSON"


def create_run(runs: Path, entry_id: str, today: dt.date) -> Workspace:
    """Make the next run folder of an entry, `runs/<ENTRY>/run-<date>-<NNN>`; safe against a parallel creator.

    Raises:
        WorkspaceUnwritable: the folder cannot be made.
    """
    parent = runs / entry_id
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            root = parent / f"run-{today.isoformat()}-{number:03d}"
            try:
                root.mkdir()
            except FileExistsError:
                continue
            return Workspace(root)
    except OSError as error:
        message = f"cannot create a run folder in {parent}: {error.strerror}"
        raise ran_out(error, parent) or WorkspaceUnwritable(message, hint="Choose a writable folder with --runs DIR.") from error
    raise WorkspaceUnwritable(f"{parent} already holds 999 runs of {today}")


def list_runs(runs: Path) -> list[Workspace]:
    """All run folders below `runs`, oldest first."""
    found = [p for p in runs.glob("*/run-*") if RUN_NAME.fullmatch(p.name)]
    return [Workspace(p) for p in sorted(found, key=lambda p: (p.name, p.stat().st_mtime))]


def folder_structure() -> str:
    """The text of FOLDER_STRUCTURE.md, rendered from `LAYOUT`."""
    rows = "\n".join(f"| `{slot.path}` | {slot.purpose} |" for slot in LAYOUT)
    return (
        "# Folder structure\n\nEvery run lives in `runs/<ENTRY>/run-<YYYY-MM-DD>-<NNN>/`. This page is rendered from the\n"
        "definition in `agent/core/workspace.py`; a test compares the two.\n\n"
        f"| path | what it holds |\n|---|---|\n{rows}\n"
    )
