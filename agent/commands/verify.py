"""`python -m agent verify`: plays proofs again in a clean environment and tells whether they still show their defect."""

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich.markup import escape
from rich.table import Table

from agent.commands.exhibits import Exhibit, exhibits
from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.core.shown import shown_data
from agent.core.target import Target
from agent.court.replay import Play, State, agreed, each, play
from agent.reporting.screen import Screen
from tools.clean_target import clean_target

Standing = Literal["confirmed", "not reproduced", "unknown"]
STANDING: dict[State, Standing] = {"present": "confirmed", "absent": "not reproduced"}
COLOURS: dict[Standing, str] = {"confirmed": "green", "not reproduced": "yellow", "unknown": "red"}
MOST = 100


@dataclass(frozen=True)
class Verified:
    """What became of one proof.

    Attributes:
        id: the finding's id or the script's name.
        title: the defect in one line.
        script: the stand-alone proof.
        target: the stageflow it was played on.
        verdict: confirmed when every process showed the defect, not reproduced when none did, else unknown.
        reason: the script's own words, or why there is no verdict.
        shown: processes that showed the defect.
        exit_codes: one for each process; None for one that had to be killed.
    """

    id: str
    title: str
    script: str
    target: str
    verdict: Standing
    reason: str
    shown: int
    exit_codes: tuple[int | None, ...]


def verify(names: Sequence[str], times: int, target: str | None, as_json: bool, settings: Settings) -> int:
    """Play every proof `times` times in fresh processes; 0 when all are confirmed, else 1."""
    if not 1 <= times <= MOST:
        raise UsageError(f"--times {times}: give a number from 1 to {MOST}")
    began = time.monotonic()
    found = exhibits(names, settings)
    with Screen(stderr=True).status("making a clean environment") as status:
        specs = dict.fromkeys(target or exhibit.target for exhibit in found)
        targets = {spec: clean_target(spec, settings, lambda text: status.update(escape(text))) for spec in specs}
        chosen = {exhibit: targets[target or exhibit.target] for exhibit in found}
        plays: dict[Exhibit, list[Play]] = {exhibit: [] for exhibit in found}
        queue = [exhibit for _ in range(times) for exhibit in found]
        for exhibit, played in each(lambda e: play(e.script, chosen[e], settings), queue, settings.jobs):
            plays[exhibit].append(played)
            shown = [exhibit for exhibit, seen in plays.items() if len(seen) == times]
            status.update(f"{sum(map(len, plays.values()))} of {len(queue)} processes, {len(shown)} of {len(found)} proofs")
    rows = [judged(exhibit, plays[exhibit], chosen[exhibit]) for exhibit in found]
    result = summary(rows, times, list(targets.values()), round(time.monotonic() - began, 1))
    if as_json:
        sys.stdout.write(shown_data(json.dumps(result, indent=2, ensure_ascii=False)) + "\n")
    else:
        tell(rows, result)
    return int(any(row.verdict != "confirmed" for row in rows))


def judged(exhibit: Exhibit, plays: Sequence[Play], target: Target) -> Verified:
    """The verdict on one proof."""
    state, reason = agreed(plays)
    if state == "not applicable":
        reason = f"not applicable: {reason.removeprefix('NOT APPLICABLE: ') or 'this release does not have the API'}"
    verdict = STANDING.get(state, "unknown")
    shown = sum(one.state == "present" for one in plays)
    codes = tuple(one.code for one in plays)
    return Verified(exhibit.name, exhibit.title, str(exhibit.script), target.label, verdict, reason, shown, codes)


def summary(rows: Sequence[Verified], times: int, targets: Sequence[Target], seconds: float) -> dict[str, Any]:
    """The result as JSON has it."""
    counts = Counter(row.verdict for row in rows)
    return {
        "targets": [{"label": t.label, "version": t.version, "fingerprint": t.fingerprint} for t in targets],
        "times": times,
        "confirmed": counts["confirmed"],
        "not_reproduced": counts["not reproduced"],
        "unknown": counts["unknown"],
        "findings": [asdict(row) for row in rows],
        "seconds": seconds,
    }


def tell(rows: Sequence[Verified], result: dict[str, Any]) -> None:
    """A table for a person; reasons are given for what is not confirmed."""
    console = Screen()
    table = Table("proof", "verdict", "shown", "defect")
    for row in rows:
        text = row.title if row.verdict == "confirmed" else f"{row.title}\n{row.reason}"
        verdict = f"[{COLOURS[row.verdict]}]{row.verdict}[/]"
        table.add_row(row.id, verdict, f"{row.shown} of {len(row.exit_codes)}", escape(text))
    console.print(table)
    on = ", ".join(
        f"stageflow {t['version']}" + ("" if t["label"] in ("installed", t["version"]) else f" ({t['label']})") for t in result["targets"]
    )
    counts = f"{result['confirmed']} of {len(rows)} confirmed, {result['not_reproduced']} not reproduced, {result['unknown']} unknown"
    console.print(
        f"{on}: {counts}; {result['times']} fresh processes each, clean environment, {result['seconds']} s", markup=False, highlight=False
    )
