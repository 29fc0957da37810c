"""What a phase is, and what it may use."""

import hashlib
import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.core.artifacts import Action, CallResult, PhaseName, PhaseRecord
from agent.core.journal import Journal, call_id
from agent.core.ledger import Ledger
from agent.core.roadmap import Entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import Record, Tool
from agent.core.workspace import Workspace
from agent.court.catalogue import ProbeCard

Plan = Generator[Action, CallResult, PhaseRecord]
"""Yields actions, is sent their results, returns the record. A resumed process replays it from its start over the committed
actions, so it must be a function of the mission and of the results, and whatever it writes itself may be written twice."""

PIPELINES_READ = ("mocks/services", *(f"mocks/data/{kind}" for kind in ("happy_path", "edge_cases", "adversarial", "scale")))
"""What the programs in `pipelines/` take in; all of it is there when the first of them is run."""


@dataclass(frozen=True)
class Mission:
    """Everything that belongs to one run; lives in the graph's runtime context, never in its state."""

    entry: Entry
    settings: Settings
    workspace: Workspace
    ledger: Ledger
    journal: Journal
    target: Target
    catalogue: Mapping[str, ProbeCard]
    tools: Mapping[str, Tool[Record, Record]]
    agent_name: str

    def call_id(self, phase: PhaseName, action: Action) -> str:
        """Id of the call that `action` makes; changes with the target, with the files its arguments name, the
        entry they name, and for a pipeline with the data and services it reads."""
        digest = hashlib.sha256()
        if self.tools[action.tool].needs_target:
            digest.update(self.target.fingerprint.encode())
        for key in ("file", "log", "baseline"):
            if isinstance(name := action.args.get(key), str):
                path = self.workspace.path(name)
                digest.update(path.read_bytes() if path.is_file() else b"absent")
        if action.args.get("entry") == self.entry.id:
            digest.update(self.entry.model_dump_json().encode())
        if str(action.args.get("file", "")).startswith("pipelines/"):
            digest.update(json.dumps(self.hashes(*PIPELINES_READ)).encode())
        for name in action.args.get("verdict_files", ()):
            path = self.workspace.path(name)
            digest.update(path.read_bytes() if path.is_file() else b"absent")
        for probe in action.args.get("probes", [p] if (p := action.args.get("probe")) else []):
            digest.update(self.catalogue[probe].path.read_bytes())
        return call_id(phase, action, digest.hexdigest())

    def hashes(self, *paths: str) -> dict[str, str]:
        """SHA-256 of files of the run that exist; folders stand for all files in them."""
        found: dict[str, str] = {}
        for name in paths:
            root = self.workspace.path(name)
            files = sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts) if root.is_dir() else [root]
            for file in files:
                if file.is_file():
                    found[self.workspace.relative(file)] = sha256(file)
        return found


@dataclass(frozen=True)
class Phase:
    """One of the seven.

    Attributes:
        name: also the stem of its prompt.
        purpose: one line for people.
        plan: `plan(mission, attempt)`; attempt counts from 0, later ones follow an unmet gate.
        gate: what is still missing, in words; empty when the record may stand.
    """

    name: PhaseName
    purpose: str
    plan: Callable[[Mission, int], Plan]
    gate: Callable[[Mission, PhaseRecord], list[str]]


def sha256(path: Path) -> str:
    """SHA-256 of a file, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def absent(mission: Mission, *paths: str) -> list[str]:
    """One line for every path of the run that does not exist or is empty."""
    lines = []
    for name in paths:
        path = mission.workspace.path(name)
        if not path.exists():
            lines.append(f"{name} was not written")
        elif (path.is_file() and path.stat().st_size == 0) or (path.is_dir() and not any(path.iterdir())):
            lines.append(f"{name} is empty")
    return lines
