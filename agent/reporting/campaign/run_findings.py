"""Reads the findings of a run: small files only, no lock, nothing believed; what cannot be used is told with the run."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, get_args

from agent.core.artifacts import RECORDS, Execution, PhaseRecord, Proof
from agent.core.errors import AgentError, RunDamaged
from agent.core.finding_rows import finding_rows
from agent.core.findings import FindingKind
from agent.core.harmless import harmless, harmless_data
from agent.core.phase_names import is_whole
from agent.core.records import read_record
from agent.core.workspace import Workspace
from agent.court.entries import documentation_title
from agent.reporting.campaign.views import Row, RunView

KINDS: tuple[FindingKind, ...] = get_args(FindingKind)
UNUSABLE = (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, AgentError)
"""What files that hold something else than they should can lead to."""
FINGERPRINT = re.compile(r"[0-9a-f]{12}")
T = TypeVar("T")


def view_of(once: "FindingsOnce") -> RunView:
    """One run; what cannot be read at all is there with its problem."""
    try:
        return once.view()
    except UNUSABLE as error:
        problems = (*once.problems, f"cannot be read: {type(error).__name__}")
        return RunView(harmless(once.root.parent.name), once.root.name, problems=problems)


class FindingsOnce(Workspace):
    """A run folder each of whose files is read once, and which remembers what could not be used.

    Attributes:
        problems: in words, in the order of reading.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.problems: list[str] = []
        self._read: dict[str, Any] = {}

    def read_json(self, relative: str) -> Any:
        """See `Workspace.read_json`; what cannot be used counts as absent and is remembered."""
        if relative not in self._read:
            self._read[relative] = None
            try:
                self._read[relative] = super().read_json(relative)
            except RunDamaged:
                self.problems.append(f"{relative} cannot be used")
        return self._read[relative]

    def mapping(self, relative: str) -> dict[str, Any]:
        """A JSON object of the run; empty when it is none."""
        found = self.read_json(relative)
        return found if isinstance(found, dict) else {}

    def texts(self, relative: str) -> dict[str, Any]:
        """The same, with every text in it harmless."""
        found: dict[str, Any] = harmless_data(self.mapping(relative))
        return found

    def view(self) -> RunView:
        """Which run it is, how far it is, and its findings."""
        config = self.texts("config/run_config.json")
        identity = config.get("identity")
        phases = sum(record is not None for record in self.records.values())
        finished = phases == len(RECORDS) and is_whole(self.root / "FINAL_REPORT.md")
        if not config and phases:
            self.problems.append("config/run_config.json is missing or no configuration")
        return RunView(
            entry=harmless(self.root.parent.name),
            run=self.root.name,
            version=str(config.get("target_version", "?")),
            target=str(identity.get("target", "")) if isinstance(identity, dict) else "",
            finished=finished,
            phases=phases,
            rows=self.usable("findings", self.rows),
            problems=tuple(map(harmless, self.problems)),
        )

    def usable(self, what: str, make: Callable[[], Iterable[T]]) -> tuple[T, ...]:
        """What a reader makes of files; nothing, and a problem, when they hold something else."""
        try:
            return tuple(make())
        except UNUSABLE as error:
            self.problems.append(f"{what}: {type(error).__name__} while reading them")
            return ()

    @cached_property
    def records(self) -> dict[str, PhaseRecord | None]:
        """The record of every phase; one that is there and cannot be used is a problem."""
        found: dict[str, PhaseRecord | None] = {phase: read_record(self, cls) for phase, cls in RECORDS.items()}
        for phase, record in found.items():
            if record is None and self.read_json(f"results/records/{phase}.json") is not None:
                self.problems.append(f"results/records/{phase}.json is damaged or of another format")
        return found

    @property
    def execution(self) -> Execution | None:
        """The record of phase 4."""
        record = self.records["execute"]
        return record if isinstance(record, Execution) else None

    def rows(self) -> Iterator[Row]:
        """Findings of all kinds, with the identity that the report gave them, or else that of the proof with the same words."""
        listed = self.mapping("findings.json").get("findings") or []
        known = {str(row.get("id")): str(row.get("fingerprint") or "") for row in listed if isinstance(row, dict)}
        proofs = [proof for proof in (self.execution.proofs if self.execution else ()) if proof.status == "confirmed"]
        by_words = {(title, proof.key.partition("@")[2]): proof.fingerprint for proof in proofs for title in titles_of(proof)}
        keys = {proof.fingerprint: proof.key for proof in proofs}
        for kind in KINDS:
            for row in self.rows_of(kind):
                mark = known.get(row["id"]) or by_words.get((row["title"], row.get("component", "")), "")
                proven = self.mapping(f"findings/{row['id']}/proof.json") if row["id"] in self.proven and mark not in keys else {}
                key = keys.get(mark) or str(proven.get("key", ""))
                mark = mark or str(proven.get("fingerprint", ""))
                texts = {harmless(str(name)): harmless(str(value)) for name, value in row.items()}
                identity = mark if FINGERPRINT.fullmatch(mark) else ""
                yield Row(kind, texts, identity, harmless(key.partition("@")[0]), self.proof_of(row["id"]))

    def rows_of(self, kind: FindingKind) -> list[dict[str, str]]:
        """The rows of a finding file."""
        try:
            return finding_rows(self, kind)
        except RunDamaged as error:
            self.problems.append(str(error).removeprefix(f"{self.name}: "))
            return []

    def proof_of(self, name: str) -> str:
        """The folder of a finding, relative to the folder of runs."""
        return f"{self.name}/findings/{name}" if name in self.proven else ""

    @cached_property
    def proven(self) -> set[str]:
        """Findings with a script."""
        try:
            folders = [path for path in (self.root / "findings").iterdir() if not path.is_symlink()]
        except OSError:
            return set()
        return {path.name for path in folders if (path / "repro.py").is_file()}


def titles_of(proof: Proof) -> tuple[str, str]:
    """What a defect that it stands for is called in the finding files: as a bug, and as a mistake of a page."""
    return proof.title, documentation_title(proof)
