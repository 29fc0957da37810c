"""The five controls for blame: a violation is Stageflow's only if nothing of ours could have brought it about."""

import ast
import contextlib
import dataclasses
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from agent.core.artifacts import ControlName, ControlVerdict, Verdict
from agent.core.errors import TargetUnavailable
from agent.core.tool import Record, ToolContext
from agent.court.bundle import Bundler, Recipe, bundle
from agent.court.catalogue import ProbeCard
from agent.court.plays import VERDICTS, exit_codes, verdict_of
from tools.releases import built
from tools.run_code import run_python
from tools.targets import resolve

CONTROLS: dict[ControlName, str] = {
    "without_fault": "the same check on the same target without the fault",
    "without_mocks": "the same scenario without our mocks",
    "on_reference": "the same check on a reference model of the lab",
    "in_asyncio": "the same check on plain Python and asyncio",
    "other_release": "the same script on another release",
}
"""Every control, and what it is."""
REFERENCE_MODULES = {"components.lab.reference"}
REFERENCE_MODELS = {"plain_dag", "earliest_starts"}
"""Modules, and further functions, of the lab that say what a sound target would do."""
LISTING_SECONDS = 60.0


class Conformity(Record):
    """Whether a test double of the lab is a faithful one; see `components.lab.doubles`."""

    double: str
    stands_for: str
    verdict: Verdict
    problems: tuple[str, ...]


_conformities: dict[str, dict[str, Conformity]] = {}
"""By fingerprint of the target: a check proves hundreds of findings on one target."""
_lock = threading.Lock()


def conformities(context: ToolContext) -> dict[str, Conformity]:
    """Every double of the lab by name, judged on the context's target, once per target and process."""
    assert context.target
    with _lock:
        if context.target.fingerprint not in _conformities:
            packages = (context.settings.project / "components",)
            outcome = run_python(["-m", "components.lab.doubles"], context=context, seconds=LISTING_SECONDS, packages=packages)
            rows = [Conformity.model_validate_json(line) for line in outcome.stdout.splitlines() if line.startswith(b"{")]
            if not rows:  # it was killed, or could not start: the next one may try again
                return {}
            _conformities[context.target.fingerprint] = {row.double: row for row in rows}
        return _conformities[context.target.fingerprint]


def without_mocks(script: str, context: ToolContext) -> ControlVerdict:
    """Whether the doubles in a script can be to blame: they are faithful, or there are none."""
    known = conformities(context)
    if not known:
        return ControlVerdict(control="without_mocks", outcome="unknown", reason="the lab's doubles could not be checked on this target")
    held = [known[name] for name in defined(script) if name in known]
    if not held:
        return ControlVerdict(control="without_mocks", outcome="not_applicable", reason="the script holds no mock of the lab")
    bad = [row for row in held if row.verdict != "holds"]
    if bad:
        problem = "; ".join(bad[0].problems) or "it could not be checked"
        return ControlVerdict(
            control="without_mocks", outcome="unknown", reason=f"our {bad[0].double} is not a faithful {bad[0].stands_for}: {problem}"
        )
    names = ", ".join(f"{row.double} as {row.stands_for.partition(':')[2]}" for row in held)
    return ControlVerdict(
        control="without_mocks", outcome="holds", reason=f"the mocks satisfy the target's protocols and cannot be to blame: {names}"
    )


def defined(script: str) -> list[str]:
    """Names of the functions and classes that a script defines."""
    return [node.name for node in ast.parse(script).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


def own_control(card: ProbeCard, verdict: Verdict, reached: bool | None, components: Path) -> ControlVerdict:
    """The probe's `control` under its right name: by whether it ran code of the target, and by the models that it uses."""
    bundler = Bundler(components)
    with contextlib.suppress(ValueError):  # two definitions of one name: what has been gathered until then will do
        bundler.want(bundler.module("components.probes." + card.id.replace("/", ".")), "control")
    used = bundler.defined()
    touches = reached if reached is not None else "need" in used
    models = [name for name, module in used.items() if name in REFERENCE_MODELS or module in REFERENCE_MODULES]
    name: ControlName = "without_fault" if touches else "on_reference" if models else "in_asyncio"
    how = "measured" if reached is not None else "by its source"
    where = "enters" if touches else "does not enter"
    words = {"holds": "holds", "violated": "is violated too", "unknown": "came to no verdict", "not_applicable": "cannot be run here"}
    return ControlVerdict(control=name, outcome=verdict, reason=f"{CONTROLS[name]} {words[verdict]} ({where} the target, {how})")


def further_controls(card: ProbeCard, params: Mapping[str, Any], components: Path, context: ToolContext) -> list[ControlVerdict]:
    """The controls that a probe defines by name, each run once in a fresh process."""
    found = []
    for name in (name for name in CONTROLS if name in defined(card.path.read_text(encoding="utf-8"))):
        text = bundle(components, card.id, params, Recipe(f"{name} of {card.id}", card.virtual_time, card.seconds), name)
        verdict = verdict_of(text, context, card.seconds)
        found.append(
            ControlVerdict(control=name, outcome=verdict, reason=f"{CONTROLS[name]}: {verdict.replace('_', ' ')} in a fresh process")
        )
    return found


def other_release(context: ToolContext, version: str = "") -> ToolContext | None:
    """The release to compare with: `version`, else the newest other one that is installed here; None when there is none."""
    assert context.target
    chosen = version or next((v for v in reversed(built(context.settings)) if v != context.target.version), "")
    try:
        return dataclasses.replace(context, target=resolve(chosen, context.settings), workspace=None) if chosen else None
    except TargetUnavailable:
        return None


NOT_PLAYED = "not played on another release; `timeline` plays it on all of them"


def on_other_release(script: Path, seconds: float, other: ToolContext | None) -> ControlVerdict:
    """How things are on another release; information, never a veto."""
    if other is None or other.target is None:
        return ControlVerdict(control="other_release", outcome="not_applicable", reason=NOT_PLAYED)
    outcome = VERDICTS.get(exit_codes(script, other, seconds, runs=1)[0], "unknown")
    said = {
        "holds": "the script shows absence",
        "violated": "the script shows the defect as well",
        "not_applicable": "the API does not exist",
        "unknown": "the script gave no verdict",
    }
    return ControlVerdict(control="other_release", outcome=outcome, reason=f"on {other.target.version}: {said[outcome]}")


def table(found: Iterable[ControlVerdict]) -> tuple[ControlVerdict, ...]:
    """One row per control, in order; the graver one where there are two, `not applicable` where there is none."""
    gravity: dict[Verdict, int] = {"violated": 3, "unknown": 2, "holds": 1, "not_applicable": 0}
    rows = {
        name: ControlVerdict(control=name, outcome="not_applicable", reason=f"the probe does not offer it: {words}")
        for name, words in CONTROLS.items()
    }
    for row in found:
        known = rows[row.control]
        if known.reason.startswith("the probe does not offer it") or gravity[row.outcome] > gravity[known.outcome]:
            rows[row.control] = row
    return tuple(rows.values())


def objection(controls: Iterable[ControlVerdict]) -> str:
    """Why the blame may be ours, by the first control that does not hold where it has to; "" when all of them allow the finding."""
    for row in controls:
        if row.control != "other_release" and row.outcome in ("violated", "unknown"):
            return f"control {row.control.replace('_', ' ')}: {row.reason}"
    return ""
