"""From a sighting to a verdict: a stand-alone script, fresh processes, and a control that must hold."""

import hashlib
import textwrap
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from agent.core.artifacts import Proof, Verdict
from agent.core.files import write_atomic
from agent.core.tool import Record, Tool, ToolContext
from agent.court.bundle import Recipe, bundle
from agent.court.catalogue import ProbeCard, load_catalogue
from tools.run_code import run_python

RUNS = 3
"""Fresh processes that must all show the defect."""
HOLDS, PRESENT, MISSING = 0, 1, 2
"""Exit codes of a stand-alone script; anything else is no verdict."""


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
    expected: str
    """As first seen."""
    observed: str
    """As first seen."""


def fingerprint(probe: str, component: str) -> str:
    """Identity of a defect: the violated property and the public entry point; 12 hex digits."""
    return hashlib.sha256(f"{probe}@{component}".encode()).hexdigest()[:12]


def script(components: Path, card: ProbeCard, title: str, case: str, params: Mapping[str, Any]) -> str:
    """Text of the stand-alone reproduction of one case."""
    lines = [
        title,
        "",
        *textwrap.wrap(f"Claim: {card.claim}", 110),
        f"Source of the claim: {card.source}",
        f"Probe {card.id}, case {case}.",
        "",
        "Needs Python 3.11+ and stageflow-core, nothing else. Run it: python repro.py",
        "Exit status: 1 = defect present, 0 = absent, 2 = this release does not have the API, 3 = no verdict.",
    ]
    return bundle(components, card.id, params, Recipe("\n".join(lines), card.virtual_time, card.seconds))


def exit_codes(file: Path, context: ToolContext, seconds: float) -> list[int | None]:
    """Exit codes of `RUNS` fresh sandboxed processes; None for one that had to be killed."""

    def once(_: int) -> int | None:
        outcome = run_python([str(file)], context=context, seconds=seconds + 15, readable=(file.parent,))
        return None if outcome.timed_out else outcome.exit_code

    with ThreadPoolExecutor(RUNS) as pool:
        return list(pool.map(once, range(RUNS)))


def status(codes: list[int | None], control: Verdict) -> tuple[str, str]:
    """(confirmed | suspected | unknown, why) by the rules of evidence."""
    shown = codes.count(PRESENT)
    if control != "holds":
        return "unknown", f"the probe's control is {control} on this target, so its oracle cannot be trusted here"
    if any(code not in (HOLDS, PRESENT) for code in codes):
        return "unknown", f"the stand-alone script gave no verdict (exit codes {codes})"
    if shown == len(codes):
        return "confirmed", f"the stand-alone script showed the defect in {shown} of {len(codes)} fresh processes and the control held"
    return "suspected", f"the stand-alone script showed the defect in {shown} of {len(codes)} fresh processes only"


def prove(args: Prove, card: ProbeCard, folder: Path, context: ToolContext) -> Proof:
    """Write the script into `folder`, run it in fresh processes, and judge."""
    mark = fingerprint(args.probe, args.component)
    file = folder / f"{mark}.py"
    text = script(context.settings.project / "components", card, args.title, args.case, args.params)
    write_atomic(file, text)
    codes = exit_codes(file, context, card.seconds)
    verdict, reason = status(codes, args.control)
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
            "fingerprint": mark,
        }
    )


def run(args: Prove, context: ToolContext) -> Proof:
    """Prove a sighting of a mission; the script goes to `findings/proofs/`."""
    assert context.workspace
    card = load_catalogue(context.settings.project / "components")[args.probe]
    proof = prove(args, card, context.workspace.path("findings/proofs"), context)
    return proof.model_copy(update={"script": f"findings/proofs/{proof.script}"})


TOOL = Tool(
    "prove", "reproduce a violated probe case in fresh processes and judge it", Prove, Proof, run, needs_target=True, needs_run=True
)
