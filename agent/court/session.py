"""A sitting of the court over what was discovered: proves one case of each cause, and says what became of the others."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.artifacts import Proof
from agent.core.tool import ToolContext
from agent.court.catalogue import ProbeCard
from agent.court.causes import FEW, Changes, Suspicion, by_change, by_declaration
from agent.court.discovery import Discovery, recheck
from agent.court.plays import HOLDS, exit_codes
from agent.court.proof import fingerprint, prove
from agent.court.replay import each
from agent.court.severity import severity
from agent.court.trials import CaseVerdict, run_controls, smallest
from agent.court.warm import Codes, asked, name_of, warm_codes

ATTEMPTS = 4
"""Cases of one cause that are tried until one is confirmed."""
RECHECK = 30.0
"""Real seconds at most to play the differences again."""

Finding = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """One target and what the probes say of it."""

    context: ToolContext
    found: Discovery


@dataclass(frozen=True)
class Sitting:
    """What a sitting needs to know.

    Attributes:
        catalogue: all probes.
        folder: for the stand-alone scripts.
        deadline: `time.monotonic()` after which nothing more is proven.
        say: told how far it is.
    """

    catalogue: Mapping[str, ProbeCard]
    folder: Path
    deadline: float
    say: Callable[[str], None]

    def alone(self, side: Side) -> list[Finding]:
        """Findings of one target."""
        return self.judged("findings", by_declaration(traced(smallest(side.found.rows), side), self.catalogue), side, None)

    def differing(self, name: str, bad: Side, good: Side, changes: Changes) -> list[Finding]:
        """Findings of what is violated on `bad` and holds on `good`, each proven on both; `changes` are the places in which they differ."""
        rows = differences(bad, good)
        if not rows:
            return []
        if len(changes) > FEW:
            return self.judged(name, by_declaration(rows, self.catalogue), bad, good)
        return self.judged(name, by_change(traced(rows, bad), changes), bad, good)

    def judged(self, name: str, suspicions: list[Suspicion], bad: Side, good: Side | None) -> list[Finding]:
        """One finding for each suspicion."""
        left = max(10.0, self.deadline - time.monotonic())
        tried = [row for suspicion in suspicions for row in suspicion.rows[:ATTEMPTS]]
        controls = {(row.probe, row.case): row for row in run_controls(tried, bad.context, deadline=left)}
        first = [suspicion.rows[0] for suspicion in suspicions]
        warm = warm_codes(first, self.catalogue, self.folder / name, bad.context, self.say)

        def told(number: int) -> Finding:
            self.say(f"{name}: proof {number + 1} of {len(suspicions)}: {suspicions[number].rows[0].title}")
            return self.finding(suspicions[number], controls, warm, bad, good, self.folder / name)

        found = dict(each(told, range(len(suspicions)), bad.context.settings.jobs))
        return [found[number] for number in sorted(found)]

    def finding(
        self,
        suspicion: Suspicion,
        controls: Mapping[tuple[str, str], CaseVerdict],
        warm: Codes,
        bad: Side,
        good: Side | None,
        folder: Path,
    ) -> Finding:
        """The finding of one suspicion: its first case that is confirmed, or else its first."""
        first: Finding | None = None
        for row in suspicion.rows[:ATTEMPTS]:
            card = self.catalogue[row.probe]
            if time.monotonic() >= self.deadline:
                told = described(row, card, suspicion, "suspected", "not proven: the time given was over", "")
            else:
                control = controls.get((row.probe, row.case))
                proof = proven(row, card, control, warm.get(name_of(row), ()), bad, good, folder)
                told = described(row, card, suspicion, proof.status, proof.reason, str(folder / proof.script))
            if told["status"] == "confirmed":
                return told
            first = first or told
        assert first
        return first


def traced(rows: list[CaseVerdict], side: Side) -> list[CaseVerdict]:
    """The rows with the functions of the target that their cases enter."""
    entered = {(row.probe, row.case): row.entered for row in recheck(rows, side.context, seconds=RECHECK, entered=True)}
    return [row.model_copy(update={"entered": entered.get((row.probe, row.case), ())}) for row in rows]


def differences(bad: Side, good: Side) -> list[CaseVerdict]:
    """Cases violated on `bad` that hold on `good`, the smallest of each probe and component.

    What a search found on one side is played on the other one.
    """
    violated = [row for row in bad.found.rows if row.verdict == "violated"]
    held = {(row.probe, row.case) for row in good.found.rows if row.verdict == "holds"}
    known = {(row.probe, row.case) for row in good.found.rows}
    fresh = recheck([row for row in violated if (row.probe, row.case) not in known], good.context, seconds=RECHECK)
    held |= {(row.probe, row.case) for row in fresh if row.verdict == "holds"}
    return smallest(row for row in violated if (row.probe, row.case) in held)


def proven(
    row: CaseVerdict,
    card: ProbeCard,
    control: CaseVerdict | None,
    warm: Sequence[int | None],
    bad: Side,
    good: Side | None,
    folder: Path,
) -> Proof:
    """The court's word; with a `good` side the script must also show the defect's absence there, every time."""
    proof = prove(asked(row).model_copy(update={"warm": tuple(warm)}), card, folder, bad.context, control_row=control)
    if good is not None and proof.status == "confirmed":
        codes = exit_codes(folder / proof.script, good.context, card.seconds)
        if set(codes) != {HOLDS}:
            reason = f"the script does not show absence on the other target (exit codes {codes})"
            return proof.model_copy(update={"status": "suspected", "reason": reason})
    return proof


def described(row: CaseVerdict, card: ProbeCard, suspicion: Suspicion, status: str, reason: str, script: str) -> Finding:
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
        "cause": suspicion.cause,
        "probe": row.probe,
        "case": row.case,
        "also_seen": [{"probe": other.probe, "case": other.case, "title": other.title} for other in suspicion.rows if other is not row],
    }
