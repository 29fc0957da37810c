"""From a sighting to a verdict: a stand-alone script, fresh processes, controls that must hold, and a minimal script.

Flaky is decided first: fresh processes say whether a sighting is confirmed or only suspected, and only what is confirmed is shrunk.
"""

import hashlib
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.core.artifacts import ControlVerdict, Proof, Verdict
from agent.core.files import write_atomic
from agent.core.tool import Record, Tool, ToolContext
from agent.court.bundle import Recipe, bundle
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.controls import further_controls, objection, on_other_release, other_release, own_control, table, without_mocks
from agent.court.plays import HOLDS, PRESENT, RUNS, exit_codes, log_files
from agent.court.shared import ProofShelf, proof_place, put, run_name, taken_or_ours
from agent.court.shrink import Sample, Shrunk, shrink
from agent.court.trials import CaseVerdict


class Prove(Record):
    """Arguments of `prove`."""

    probe: str
    """Probe id."""
    case: str
    """Case id."""
    component: str
    """What the case tests."""
    title: str
    """The defect in one line."""
    params: dict[str, Any]
    """The case's parameters."""
    control: Verdict
    """What the probe's control came to on this target."""
    control_reached: bool | None = None
    """Whether the control ran code of the target, where that was measured."""
    shrink: bool = False
    """Make a minimal script of a confirmed sighting as well."""
    warm: tuple[int | None, ...] = ()
    """Exit codes of the script in forks of a process that had only imported the target; each stands for one of the fresh processes."""
    expected: str
    """As first seen."""
    observed: str
    """As first seen."""


def fingerprint(probe: str, component: str) -> str:
    """Identity of a defect: the violated property and the public entry point; 12 hex digits."""
    return hashlib.sha256(f"{probe}@{component}".encode()).hexdigest()[:12]


NEEDS = "Needs Python 3.11+ and stageflow-core, nothing else. Run it: python {name}"
CODES = "1 = defect present, 0 = absent, 2 = this release does not have the API, 3 = no verdict."


def header(card: ProbeCard, title: str, case: str) -> list[str]:
    """What every script of a case says of itself."""
    claim = textwrap.wrap(f"Claim: {card.claim}", 110)
    return [title, "", *claim, f"Source of the claim: {card.source}", f"Probe {card.id}, case {case}.", ""]


def script(components: Path, card: ProbeCard, title: str, case: str, params: Mapping[str, Any]) -> str:
    """Text of the stand-alone reproduction of one case."""
    lines = [*header(card, title, case), NEEDS.format(name="repro.py"), f"Exit status: {CODES}"]
    return bundle(components, card.id, params, Recipe("\n".join(lines), card.virtual_time, card.seconds))


def status(codes: list[int | None], control: Verdict, forks: int = 0) -> tuple[str, str]:
    """(confirmed | suspected | unknown, why) by the rules of evidence; `forks` processes are forks of one that imported the target."""
    shown = codes.count(PRESENT)
    processes = f"{shown} of {len(codes)} fresh processes" + (
        f" ({forks} of them forks of one that had only imported stageflow)" if forks else ""
    )
    if control != "holds":
        return "unknown", f"the probe's control is {control} on this target, so its oracle cannot be trusted here"
    if any(code not in (HOLDS, PRESENT) for code in codes):
        return "unknown", f"the stand-alone script gave no verdict (exit codes {codes})"
    if shown == len(codes):
        return "confirmed", f"the stand-alone script showed the defect in {processes} and the control held"
    return "suspected", f"the stand-alone script showed the defect in only {processes}"


def judged(
    codes: list[int | None], forks: int, args: Prove, card: ProbeCard, file: Path, context: ToolContext, other: ToolContext | None
) -> tuple[str, str, tuple[ControlVerdict, ...]]:
    """(status, why, controls); the controls beyond the probe's own are made only for what could be confirmed."""
    components = context.settings.project / "components"
    verdict, reason = status(codes, args.control, forks)
    rows = [own_control(card, args.control, args.control_reached, components)]
    if verdict == "confirmed":
        rows += [without_mocks(file.read_text(encoding="utf-8"), context), *further_controls(card, args.params, components, context)]
        rows += [on_other_release(file, card.seconds, other)]
    controls = table(rows)
    if verdict == "confirmed" and (why := objection(controls)):
        return "unknown", f"the blame may be ours: {why}", controls
    return verdict, reason, controls


def prove(
    args: Prove,
    card: ProbeCard,
    folder: Path,
    context: ToolContext,
    *,
    control_row: CaseVerdict | None = None,
    shrink: bool = False,
    other: ToolContext | None = None,
) -> Proof:
    """Write the script into `folder`, run it in fresh processes, and judge.

    Args:
        args: the sighting.
        card: its probe.
        folder: where the scripts go.
        context: gives the target.
        control_row: the verdict of the probe's control, in place of what `args` says of it.
        shrink: make a minimal script as well, when the sighting is confirmed.
        other: another release, for the control that says how things are there.
    """
    if control_row is not None:
        args = args.model_copy(update={"control": control_row.verdict, "control_reached": control_row.reached})
    file = written(args, card, folder, context)
    fresh = exit_codes(file, context, card.seconds, runs=RUNS - len(args.warm), logs=context.workspace is not None)
    codes = [*args.warm, *fresh]
    verdict, reason, controls = judged(codes, len(args.warm), args, card, file, context, other)
    wanted = verdict == "confirmed" and (shrink or args.shrink)
    small = minimal(args, card, file, context) if wanted else Shrunk(None, "")
    return Proof.model_validate(
        {
            "key": f"{args.probe}@{args.component}",
            "case": args.case,
            "title": args.title,
            "status": verdict,
            "reason": reason,
            "reproduced": codes.count(PRESENT),
            "runs": len(codes),
            "control": args.control,
            "expected": args.expected,
            "observed": args.observed,
            "script": file.name,
            "fingerprint": file.stem,
            "controls": controls,
            "minimal": small.file.name if small.file else "",
            "shrunk": small.told,
        }
    )


def written(args: Prove, card: ProbeCard, folder: Path, context: ToolContext) -> Path:
    """The stand-alone script of a sighting, in the folder."""
    file = folder / f"{fingerprint(args.probe, args.component)}.py"
    write_atomic(file, script_of(args, card, context))
    return file


def script_of(args: Prove, card: ProbeCard, context: ToolContext) -> str:
    """The text of that script."""
    return script(context.settings.project / "components", card, args.title, args.case, args.params)


def minimal(args: Prove, card: ProbeCard, file: Path, context: ToolContext) -> Shrunk:
    """The minimal script of a confirmed sighting."""
    words = "A shorter repro.py: the same dealings with stageflow and the same comparison, without what they do not need."
    lines = [*header(card, args.title, args.case), words, NEEDS.format(name="repro_min.py"), f"Exit status as of repro.py: {CODES}"]
    return next(shrink([Sample(file, "\n".join(lines), card, args.params, (args.expected, args.observed))], context))


def shelve(proof: Proof, folder: Path, place: Path | None, context: ToolContext) -> None:
    """Leave a confirmed proof for other missions."""
    if proof.status == "confirmed":
        script = folder / proof.script
        files = [script, *([folder / proof.minimal] if proof.minimal else []), *log_files(script, proof.runs)]
        texts = {file.name: file.read_text(encoding="utf-8") for file in files if file.exists()}
        put(place, ProofShelf(made_in=run_name(context), proof=proof, files=texts), context)


def run(args: Prove, context: ToolContext) -> Proof:
    """Prove a sighting of a mission, or take the proof over from another one of its batch; the script goes to `findings/proofs/`."""
    assert context.workspace
    card = load_catalogue(context.settings.project / "components", context.settings.cache)[args.probe]
    folder = context.workspace.path("findings/proofs")
    place = proof_place(script_of(args, card, context), context)
    with taken_or_ours(place, ProofShelf) as kept:
        if kept and (kept.proof.shrunk or not args.shrink):
            for name, text in kept.files.items():
                write_atomic(folder / name, text)
            proof = kept.proof.model_copy(update={"reason": f"{kept.proof.reason}; proven in {kept.made_in}, taken over with its logs"})
        else:
            proof = prove(args, card, folder, context, other=other_release(context) if args.shrink else None)
            shelve(proof, folder, place, context)
    places = {name: f"findings/proofs/{getattr(proof, name)}" for name in ("script", "minimal") if getattr(proof, name)}
    return proof.model_copy(update=places)


TOOL = Tool(
    "prove", "reproduce a violated probe case in fresh processes and judge it", Prove, Proof, run, needs_target=True, needs_run=True
)
