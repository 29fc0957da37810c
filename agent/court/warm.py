"""Plays the stand-alone scripts of many cases in forks of a process that has only imported the target, at a tenth of a new process's price.

They stand for all but one of a proof's processes; `verify` uses new interpreters only.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from pydantic import Field

from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.tool import Record, Tool, ToolContext
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.plays import RUNS
from agent.court.proof import Prove, script_of, written
from agent.court.replay import Play, each, play_warm
from agent.court.shared import ProofShelf, proof_place, taken
from agent.court.trials import CaseVerdict

Codes = Mapping[str, tuple[int | None, ...]]
"""Exit codes by the name of a case, see `name_of`; None for a process that had to be killed."""


class PlayScripts(Record):
    """Arguments of `play_scripts`."""

    verdict_files: tuple[str, ...] = Field(description="metrics files of the run that hold the cases")
    cases: tuple[str, ...] = Field(description="which of their violated cases, as `PROBE CASE`")


class Played(Record):
    """Result of `play_scripts`."""

    codes: dict[str, tuple[int | None, ...]] = Field(description="exit codes by case; none for a process that had to be killed")


def name_of(row: CaseVerdict) -> str:
    """What a case is called among the codes."""
    return f"{row.probe} {row.case}"


def asked(row: CaseVerdict) -> Prove:
    """What the court is asked about a case; the control is told apart."""
    shown = row.model_dump(include={"probe", "case", "component", "title", "params", "expected", "observed"})
    return Prove(control="unknown", **shown)


def warm_codes(
    rows: Iterable[CaseVerdict], catalogue: Mapping[str, ProbeCard], folder: Path, context: ToolContext, say: Callable[[str], None]
) -> dict[str, tuple[int | None, ...]]:
    """Write the cases' scripts into a folder and play each of them RUNS - 1 times."""
    target, settings = context.target, context.settings
    assert target
    scripts = {name_of(row): written(asked(row), catalogue[row.probe], folder, context) for row in rows}
    rounds = rounds_of(list(scripts.values()), target, settings, say)
    return {name: tuple(plays[file].verdict_code for plays in rounds) for name, file in scripts.items()}


def rounds_of(files: list[Path], target: Target, settings: Settings, say: Callable[[str], None]) -> list[dict[Path, Play]]:
    """Every script once in each round; the rounds run side by side."""
    if not files:
        return []

    def played(_: int) -> dict[Path, Play]:
        return play_warm(files, target, settings, lambda n: say(f"{n} of {len(files)} scripts"))

    return [plays for _, plays in each(played, range(RUNS - 1), settings.jobs)]


def run(args: PlayScripts, context: ToolContext) -> Played:
    """Play the cases' scripts; they are in `findings/proofs/` afterwards."""
    assert context.workspace
    wanted = set(args.cases)
    found = [CaseVerdict.model_validate(row) for name in args.verdict_files for row in context.workspace.read_json(name) or []]
    rows = {name_of(row): row for row in found if row.verdict == "violated" and not row.control and name_of(row) in wanted}
    catalogue = load_catalogue(context.settings.project / "components", context.settings.cache)
    rows = {name: row for name, row in rows.items() if not proven(row, catalogue[row.probe], context)}
    folder = context.workspace.path("findings/proofs")
    return Played(codes=warm_codes(rows.values(), catalogue, folder, context, context.progress))


def proven(row: CaseVerdict, card: ProbeCard, context: ToolContext) -> bool:
    """Whether another mission of the batch has proven the case already."""
    return taken(proof_place(script_of(asked(row), card, context), context), ProofShelf) is not None


TOOL = Tool(
    "play_scripts",
    "play the scripts of violated cases in forks of one process",
    PlayScripts,
    Played,
    run,
    needs_target=True,
    needs_run=True,
)
