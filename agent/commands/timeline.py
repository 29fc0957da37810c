"""`python -m agent timeline`: plays proofs on the published releases and places each defect in time."""

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.markup import escape

from agent.commands.exhibits import Exhibit, exhibits
from agent.commands.history import history
from agent.commands.timeline_table import tell
from agent.core.errors import TargetUnavailable, UsageError
from agent.core.settings import Settings
from agent.core.shown import shown_data
from agent.core.target import Target
from agent.court.replay import Play, State, agreed, each, play, play_warm
from agent.reporting.screen import Screen
from tools.clean_target import clean_target
from tools.releases import RELEASE, Releases, order, published

AGAIN = 2
"""Fresh processes on both sides of a change: a proof that is not the same every time must not date a defect."""

Say = Callable[[str], None]


@dataclass
class Board:
    """All plays so far.

    Attributes:
        releases: oldest first.
        targets: their environments; a release without one cannot be installed.
        missing: why not, for those.
        plays: what each proof came to on each release.
    """

    releases: tuple[str, ...]
    targets: dict[str, Target] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    plays: dict[tuple[Exhibit, str], list[Play]] = field(default_factory=dict)

    def states(self, exhibit: Exhibit) -> dict[str, tuple[State, str]]:
        """State of the defect in each release, and why or what was seen."""
        return {v: agreed(self.plays[exhibit, v]) if v in self.targets else ("unknown", self.missing[v]) for v in self.releases}


def timeline(names: Sequence[str], wanted: str | None, as_json: bool, settings: Settings) -> int:
    """Play every proof on every release; 0 when that was done, whatever was found."""
    began = time.monotonic()
    found = exhibits(names, settings)
    with Screen(stderr=True).status("asking which releases there are") as status:

        def say(text: str) -> None:
            status.update(escape(text))

        known = chosen(wanted) if wanted is not None else published(settings)
        board = Board(known.versions)
        install(board, settings, say)
        if not board.targets:
            reasons = [*board.missing.values(), known.note or "no releases are known"]
            raise TargetUnavailable(f"no release can be played on: {reasons[0]}", hint="Check the network, or give --releases.")
        play_once(board, found, settings, say)
        play_again(board, [place for place in changes(board, found) for _ in range(AGAIN)], settings, say)
    result = {
        "releases": list(board.releases),
        "unavailable": board.missing,
        "note": known.note,
        "findings": [placed(exhibit, board.states(exhibit)) for exhibit in found],
        "seconds": round(time.monotonic() - began, 1),
    }
    if as_json:
        sys.stdout.write(shown_data(json.dumps(result, indent=2, ensure_ascii=False)) + "\n")
    else:
        tell(result)
    return 0


def chosen(wanted: str) -> Releases:
    """The releases of `--releases`, oldest first.

    Raises:
        UsageError: something in the list is no version.
    """
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    wrong = [name for name in names if not RELEASE.fullmatch(name)]
    if wrong or not names:
        raise UsageError(f"--releases: {wrong[0] if wrong else wanted!r} is no version", hint="For example --releases 0.9.5,0.9.6,1.2.0")
    return Releases(tuple(sorted(set(names), key=order)), "")


def install(board: Board, settings: Settings, say: Say) -> None:
    """The environments of all releases; what cannot be had is noted."""

    def one(version: str) -> Target | str:
        try:
            return clean_target(version, settings, say)
        except TargetUnavailable as error:
            return str(error)

    for version, made in each(one, board.releases, settings.jobs):
        if isinstance(made, Target):
            board.targets[version] = made
        else:
            board.missing[version] = made
        say(f"{len(board.targets)} of {len(board.releases)} releases are ready")


def play_once(board: Board, found: Sequence[Exhibit], settings: Settings, say: Say) -> None:
    """Every proof on every release."""
    scripts = [exhibit.script for exhibit in found]

    def one(version: str) -> dict[Path, Play]:
        return play_warm(scripts, board.targets[version], settings, lambda number: say(f"{version}: {number} of {len(scripts)} proofs"))

    for version, plays in each(one, board.targets, settings.jobs):
        for exhibit in found:
            board.plays[exhibit, version] = [plays[exhibit.script]]


def play_again(board: Board, queue: Sequence[tuple[Exhibit, str]], settings: Settings, say: Say) -> None:
    """One fresh process for each (proof, release) of the queue."""
    answers = each(lambda place: play(place[0].script, board.targets[place[1]], settings), queue, settings.jobs)
    for done, (place, played) in enumerate(answers, 1):
        board.plays[place].append(played)
        say(f"changes, played again: {done} of {len(queue)}")


def changes(board: Board, found: Iterable[Exhibit]) -> set[tuple[Exhibit, str]]:
    """Both sides of every change from present to absent or back."""
    seen = set()
    for exhibit in found:
        states = {version: state for version, (state, _) in board.states(exhibit).items()}
        judged = [version for version, state in states.items() if state in ("present", "absent")]
        for before, after in itertools.pairwise(judged):
            if states[before] != states[after]:
                seen |= {(exhibit, before), (exhibit, after)}
    return seen


def placed(exhibit: Exhibit, states: Mapping[str, tuple[State, str]]) -> dict[str, Any]:
    """One defect in time, as JSON has it."""
    return {
        "id": exhibit.name,
        "title": exhibit.title,
        "script": str(exhibit.script),
        "proven_on": exhibit.target,
        **asdict(history({version: state for version, (state, _) in states.items()})),
        "states": {version: state for version, (state, _) in states.items()},
        "reasons": {version: reason for version, (_, reason) in states.items()},
    }
