"""`python -m agent check`: the probes alone, without the paperwork, against any stageflow."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from agent.core.artifacts import Proof, Verdict
from agent.core.errors import UsageError
from agent.core.files import write_json
from agent.core.settings import Settings
from agent.core.target import Target, package_fingerprint
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard, load_catalogue
from agent.court.proof import HOLDS, Prove, exit_codes, fingerprint, prove
from agent.court.severity import LEVELS, severity
from agent.court.trials import CaseVerdict, run_controls, run_trials
from tools.targets import resolve

DISCOVERY = 0.4
"""Share of the budget that one target's discovery may take."""

ON_BOTH = "violated on both targets; a comparison proves the differences only, `check` without --compare proves this one"


@dataclass(frozen=True)
class Side:
    """One target and what the probes say of it."""

    context: ToolContext
    rows: list[CaseVerdict]


def check(
    target: str, compare: str | None, area: str | None, minutes: float, out: Path | None, fail_on: str | None, settings: Settings
) -> int:
    """Discover on the target (and on the one compared with), prove the differences first, then the rest, and tell."""
    began = time.monotonic()
    deadline = began + minutes * 60
    catalogue = load_catalogue(settings.project / "components")
    cards = [c for c in catalogue.values() if area is None or area in (c.subsystem, c.category)]
    if not cards:
        raise UsageError(f"no probe has the area {area!r}", hint=f"Areas: {', '.join(sorted({c.subsystem for c in catalogue.values()}))}.")
    folder = (out.resolve().parent / f"{out.stem}-repro") if out else settings.cache / "check"
    with Console(stderr=True).status("starting") as status:

        def side(spec: str) -> Side:
            def progress(text: str) -> None:
                status.update(f"{spec}: {text}")

            context = ToolContext(settings, resolve(spec, settings, progress=progress), None, progress)
            return Side(context, discovered(cards, context, max(10.0, minutes * 60 * DISCOVERY), whole=area is None))

        ours = side(target)
        theirs = side(compare) if compare else None
        result = judged(ours, theirs, catalogue, folder, deadline, status.update)
    result["seconds"] = round(time.monotonic() - began, 1)
    if out:
        write_json(out, result)
    tell(result, ours.context.target)
    return int(any(at_least(f, fail_on) for f in result["findings"] if f["status"] == "confirmed"))


def discovered(cards: list[ProbeCard], context: ToolContext, seconds: float, *, whole: bool) -> list[CaseVerdict]:
    """Verdicts of the cards on the context's target.

    Those of the whole library on a release are kept in the cache by what they depend on: the release, the lab, the interpreter.
    Proofs are never taken from a cache.
    """
    assert context.target
    if not whole or context.target.search_path is not None:
        return run_trials(cards, context, logs=None, deadline=seconds)
    lab = package_fingerprint(context.settings.project / "components")
    file = (
        context.settings.cache / "verdicts" / f"{context.target.fingerprint}-{lab}-{sys.version_info.major}.{sys.version_info.minor}.json"
    )
    if file.exists():
        return [CaseVerdict.model_validate(row) for row in json.loads(file.read_bytes())]
    rows = run_trials(cards, context, logs=None, deadline=seconds)
    if not any(row.verdict == "unknown" for row in rows):
        write_json(file, [row.model_dump(mode="json") for row in rows])
    return rows


def at_least(finding: Mapping[str, Any], fail_on: str | None) -> bool:
    """Whether a finding reaches the level that fails the command."""
    return fail_on is not None and LEVELS.index(finding["severity"]) >= LEVELS.index(fail_on)


def judged(
    ours: Side, theirs: Side | None, catalogue: Mapping[str, ProbeCard], folder: Path, deadline: float, say: Callable[[str], None]
) -> dict[str, Any]:
    """The result record of the check; in a comparison only the differences are proven."""

    def proofs(name: str, rows: list[CaseVerdict], bad: Side, good: Side | None) -> list[dict[str, Any]]:
        left = max(10.0, deadline - time.monotonic())
        controls = {(row.probe, row.case): row.verdict for row in run_controls(rows, bad.context, deadline=left)}
        found = []
        for number, row in enumerate(rows, 1):
            say(f"{name}: proof {number} of {len(rows)}: {row.title}")
            card = catalogue[row.probe]
            if time.monotonic() >= deadline:
                found.append(finding(row, card, "suspected", "not proven: the time given was over", ""))
                continue
            proof = proven(row, card, controls.get((row.probe, row.case), "unknown"), bad, good, folder / name)
            found.append(finding(row, card, proof.status, proof.reason, str(folder / name / proof.script)))
        return found

    if theirs is None:
        regressed, fixed = [], []
        findings = proofs("findings", smallest(ours), ours, None)
    else:
        regressed = proofs("regressed", differences(ours, theirs), ours, theirs)
        fixed = proofs("fixed", differences(theirs, ours), theirs, ours)
        common = [row for row in smallest(ours) if fingerprint(row.probe, row.component) not in {f["fingerprint"] for f in regressed}]
        findings = regressed + [finding(row, catalogue[row.probe], "suspected", ON_BOTH, "") for row in common]
    unknown = [row for row in ours.rows if row.verdict == "unknown"]
    return {
        "regressed": regressed,
        "fixed": fixed,
        "findings": findings,
        "unknown": len(unknown),
        "unknown_cases": [{"probe": row.probe, "case": row.case, "reason": row.reason} for row in unknown],
        "cases": len(ours.rows),
    }


def smallest(side: Side) -> list[CaseVerdict]:
    """The first violated case of each probe and component."""
    found: dict[str, CaseVerdict] = {}
    for row in sorted(side.rows, key=lambda r: (r.probe, r.component, r.order)):
        if row.verdict == "violated":
            found.setdefault(row.key, row)
    return list(found.values())


def differences(bad: Side, good: Side) -> list[CaseVerdict]:
    """Cases violated on `bad` that hold on `good`, the smallest of each probe and component."""
    held = {(row.probe, row.case) for row in good.rows if row.verdict == "holds"}
    return smallest(Side(bad.context, [row for row in bad.rows if (row.probe, row.case) in held]))


def proven(row: CaseVerdict, card: ProbeCard, control: Verdict, bad: Side, good: Side | None, folder: Path) -> Proof:
    """The court's word; with a `good` side the script must also show the defect's absence there, every time."""
    args = Prove(
        probe=row.probe,
        case=row.case,
        component=row.component,
        title=row.title,
        params=row.params,
        control=control,
        expected=row.expected,
        observed=row.observed,
    )
    proof = prove(args, card, folder, bad.context)
    if good is not None and proof.status == "confirmed":
        codes = exit_codes(folder / proof.script, good.context, card.seconds)
        if set(codes) != {HOLDS}:
            reason = f"the script does not show absence on the other target (exit codes {codes})"
            return proof.model_copy(update={"status": "suspected", "reason": reason})
    return proof


def finding(row: CaseVerdict, card: ProbeCard, status: str, reason: str, script: str) -> dict[str, Any]:
    """One finding as the JSON has it."""
    return {
        "fingerprint": fingerprint(row.probe, row.component),
        "title": row.title,
        "component": row.component,
        "area": card.subsystem,
        "type": card.type,
        "severity": severity(card),
        "status": status,
        "reason": reason,
        "claim": {"text": card.claim, "source": card.source},
        "expected": row.expected,
        "observed": row.observed,
        "repro": script,
    }


def tell(result: Mapping[str, Any], target: Target | None) -> None:
    """Tables for a person."""
    console = Console(file=sys.stdout)
    for name in ("regressed", "fixed", "findings"):
        rows: Iterable[dict[str, Any]] = sorted(result[name], key=lambda f: (-LEVELS.index(f["severity"]), f["title"]))
        if not result[name]:
            continue
        table = Table("status", "severity", "area", "title", title=f"{name} ({len(result[name])})", title_justify="left")
        for row in rows:
            table.add_row(row["status"], row["severity"], row["area"], row["title"].replace("[", "\\["))
        console.print(table)
    label = target.label if target else "?"
    counts = f"{result['cases']} cases, {len(result['findings'])} violated properties, {result['unknown']} unknown"
    console.print(f"{label}: {counts}, {result['seconds']} s", highlight=False)
    if result["unknown"]:
        console.print(f"first unknown: {json.dumps(result['unknown_cases'][0])}", markup=False, highlight=False)
