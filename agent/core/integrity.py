"""Checks a run folder: is every file what the mission left, as far as ledger, commit markers and records know?"""

import json
import re
from dataclasses import dataclass

from pydantic import ValidationError

from agent.core import checkpoint_file
from agent.core.artifacts import RECORDS, CallResult, PhaseName, PhaseRecord
from agent.core.checkpoint_store import FILE, CheckpointStore, FileCheckpoints
from agent.core.known import Known, action_of, known_of
from agent.core.ledger_repair import RepairableLedger
from agent.core.run_files import all_files, inside, readable, sound_record, state_of
from agent.core.workspace import PROJECTIONS, Workspace

CALLS, CONFIG = "results/calls", "config/run_config.json"
REPORTS = ("FINAL_REPORT.md", "report.html", "findings.json", "README.md")
LEDGER_FILES = ("ledger.jsonl", "ledger.lock", "ledger.torn", "run.lock", *checkpoint_file.PARTS, *PROJECTIONS)
OWN = ("results/model/", "results/approvals/", "results/trace.jsonl", "damaged/")
"""Places that keep themselves: their readers pass over what they cannot read."""

PASSING = re.compile(r"/?\.[^/]+\.\d+\.tmp$")
"""What a writer that was killed left of a file it had not finished."""


@dataclass(frozen=True)
class Problem:
    """Something that is not as the mission left it.

    Attributes:
        path: relative to the run.
        what: is wrong with it, in words.
        cure: what a resume does about it.
        calls: that are made again.
        phase: that is settled again.
        harmless: True for what is only told: nothing follows from it.
    """

    path: str
    what: str
    cure: str
    calls: tuple[str, ...] = ()
    phase: str = ""
    harmless: bool = False

    @property
    def line(self) -> str:
        """For people."""
        return f"{self.path} {self.what}; {self.cure}"


@dataclass(frozen=True)
class Checked:
    """What a check of a run folder came to.

    Attributes:
        problems: damage first.
        superseded: calls of which a later one of the same action has taken the files; no damage.
        unlisted: sound markers whose commit the ledger does not tell: a kill came between, or the ledger lost lines.
        hashed: how many files were compared with their hash.
        known: the ledger's word.
        markers: sound markers by call.
        owners: file -> the call that wrote it last.
    """

    problems: tuple[Problem, ...]
    superseded: tuple[str, ...]
    unlisted: tuple[str, ...]
    hashed: int
    known: Known
    markers: dict[str, CallResult]
    owners: dict[str, str]

    @property
    def damage(self) -> tuple[Problem, ...]:
        """Without what is harmless."""
        return tuple(problem for problem in self.problems if not problem.harmless)


def check_run(workspace: Workspace, store: CheckpointStore | None = None) -> Checked:
    """Check everything; changes nothing. Without a `store`, no database is asked for checkpoints."""
    return _Check(workspace, store).result()


class _Check:
    """One check; what it finds out on its way."""

    def __init__(self, workspace: Workspace, store: CheckpointStore | None) -> None:
        self._workspace, self._root, self._store = workspace, workspace.root, store
        self._problems: list[Problem] = []
        self._seen: set[str] = set()
        self._hashed = 0
        self._ledger = RepairableLedger(self._root)
        self._broken = self._ledger.problems()
        self._known = known_of(self._ledger.whole())
        self._markers = self._read_markers()

    def result(self) -> Checked:
        """Everything in order of importance."""
        superseded = self._superseded()
        unlisted = [call for call in self._in_order() if call not in self._known.calls]
        self._check_ledger(unlisted)
        self._check_config()
        self._check_checkpoints()
        self._check_markers(superseded)
        owned = self._check_files(superseded)
        self._check_records(set(owned))
        self._check_reports()
        self._check_own()
        self._tell_unknown()
        ordered = sorted(self._problems, key=lambda problem: problem.harmless)
        return Checked(tuple(ordered), tuple(superseded), tuple(unlisted), self._hashed, self._known, self._markers, owned)

    def _add(self, path: str, what: str, cure: str, *calls: str, phase: str = "", harmless: bool = False) -> None:
        self._problems.append(Problem(path, what, cure, calls, phase, harmless))

    def _compare(self, relative: str, wanted: str) -> str:
        self._seen.add(relative)
        self._hashed += bool(wanted)
        return state_of(self._root, relative, wanted)

    def _read_markers(self) -> dict[str, CallResult]:
        """Markers that are whole and, where the ledger knows their hash, as they were written."""
        found = {}
        for path in sorted((self._root / CALLS).glob("*/*.json")):
            relative = path.relative_to(self._root).as_posix()
            call = relative.removeprefix(f"{CALLS}/").removesuffix(".json")
            self._seen.add(relative)
            if what := self._marker_state(relative, call):
                self._add(relative, what, "the call is made again", call)
                continue
            found[call] = CallResult.model_validate_json(path.read_bytes())
        return found

    def _marker_state(self, relative: str, call: str) -> str:
        wanted = self._known.calls.get(call, "")
        if what := self._compare(relative, wanted):
            return what
        try:
            marker = CallResult.model_validate_json((self._root / relative).read_bytes())
        except ValidationError:
            return "is no commit marker"
        if not all(map(inside, marker.files)):
            return "names files outside of the run"
        return "" if marker.call_id == call else f"is the marker of {marker.call_id}"

    def _in_order(self) -> list[str]:
        """Sound markers in the order of their commits."""
        listed = [call for call in self._known.calls if call in self._markers]
        return listed + sorted(self._markers.keys() - set(listed), key=lambda call: self._markers[call].finished_at)

    def _superseded(self) -> list[str]:
        """Calls whose files a later call of the same action has taken, or may be about to take."""
        found: list[str] = []
        later: dict[str, set[str]] = {}
        for call in reversed(self._in_order()):
            action, files = action_of(call), set(self._markers[call].files)
            running = self._known.open.get(action, call) != call and call in self._known.calls
            if files and (running or files & later.get(action, set())):
                found.append(call)
            else:
                later[action] = later.get(action, set()) | files
        actions = {action_of(call): call for call in self._known.calls}
        missing = [call for call in self._known.calls if call not in self._markers and actions[action_of(call)] != call]
        return found + missing

    def _check_ledger(self, unlisted: list[str]) -> None:
        self._seen.update(LEDGER_FILES)
        for what in self._broken:
            self._add("ledger.jsonl", what, "what is sound of it is kept, the rest is put aside")
        lost = [call for call in unlisted if call not in self._known.started]
        gone = [call for call, marker in self._markers.items() if self._ledger.lacks(marker)]
        if not self._broken and (lost or gone):
            what = f"lacks {len({*lost, *gone})} calls that were made" if self._known.prepared else "is missing or empty"
            self._add("ledger.jsonl", what, "what was done is entered again from the commit markers")
        if self._broken or lost or gone:
            return
        for name, what, cure, harmless in self._ledger.file_problems():
            self._add(name, what, cure, harmless=harmless)

    def _check_config(self) -> None:
        cure = "it is written again from the ledger" if self._known.config else "nothing else knows it: start a new run"
        what = self._page_state(CONFIG)
        try:
            if not what and CONFIG not in self._known.pending and not isinstance(json.loads((self._root / CONFIG).read_bytes()), dict):
                what = "holds no configuration"
        except (ValueError, RecursionError):
            what = "is not JSON"
        if what:
            self._add(CONFIG, what, cure)
        for name in sorted(self._known.files):
            if name.startswith("config/") and name != CONFIG and (what := self._page_state(name)):
                self._add(name, what, "it is written again")

    def _page_state(self, name: str) -> str:
        """Of a file whose hash is noted before it is written: a kill in between may leave anything, and it is written again."""
        what = self._compare(name, self._known.files.get(name, ""))
        return "" if name in self._known.pending else what

    def _check_checkpoints(self) -> None:
        in_file = self._known.config.get("checkpoints", FILE) == FILE
        store = self._store or (FileCheckpoints(self._root) if in_file else None)
        if self._known.entered and store and (what := store.damage()):
            self._add(store.place, what, "the mission is walked again from its start over the calls that were made")

    def _check_markers(self, superseded: list[str]) -> None:
        told = {call for problem in self._problems for call in problem.calls}
        for call in self._known.calls:
            if call not in self._markers and call not in told and call not in superseded:
                self._add(f"{CALLS}/{call}.json", "is missing", "the call is made again", call)

    def _check_files(self, superseded: list[str]) -> dict[str, str]:
        """Files of calls: the last one that wrote a file answers for it."""
        owner: dict[str, tuple[str, str]] = {}
        for call in self._in_order():
            if call not in superseded:
                owner |= {path: (call, wanted) for path, wanted in self._markers[call].files.items()}
        for path, (call, wanted) in owner.items():
            if wanted and (what := self._compare(path, wanted)):
                self._add(path, what, f"made again by {self._markers[call].tool}", call)
        return {path: call for path, (call, _) in owner.items()}

    def _check_records(self, owned: set[str]) -> None:
        for phase, model in RECORDS.items():
            relative = f"results/records/{phase}.json"
            wanted = self._known.records.get(phase, "")
            what = self._compare(relative, wanted)
            record = None if what else sound_record(self._root / relative, model)
            if what == "is missing" and not wanted:
                continue
            if record is None:
                self._add(relative, what or "is no record of this phase", f"{phase} is settled again", phase=phase)
            elif wanted:
                self._check_artifacts(phase, record, owned)

    def _check_artifacts(self, phase: PhaseName, record: PhaseRecord, owned: set[str]) -> None:
        """What the phase wrote itself, beside its calls."""
        for path, wanted in record.artifacts.items():
            if path not in owned and path not in PROJECTIONS and (what := self._compare(path, wanted)):
                self._add(path, what, f"written again when {phase} is settled again", phase=phase)
            owned.add(path)

    def _check_reports(self) -> None:
        for name in REPORTS:
            self._seen.add(name)
            if name in self._known.files and (what := self._page_state(name)):
                self._add(name, what, "it is written again")

    def _check_own(self) -> None:
        """Files without a hash that must at least be readable."""
        for pattern, cure in (
            ("results/model/*.json", "the question is asked again if it comes up"),
            ("results/approvals/*/*.json", "a person is asked again if it comes up"),
        ):
            for path in sorted(self._root.glob(pattern)):
                if not readable([path]):
                    self._add(path.relative_to(self._root).as_posix(), "is not JSON", cure)
        trace = self._root / "results/trace.jsonl"
        if not readable([trace], lines=True):
            self._add("results/trace.jsonl", "holds lines that are not JSON", "they are passed over", harmless=True)

    def _tell_unknown(self) -> None:
        names = [name for name in all_files(self._root) if name not in self._seen and not name.startswith(OWN) and not PASSING.search(name)]
        for name in names:
            self._add(name, "is not known to the ledger, its content is not checked", "it is left alone", harmless=True)
