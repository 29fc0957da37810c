"""What the states of a defect over the releases mean: first bad, fixed in, still open. 'Not applicable' is never 'absent'."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.court.replay import State

Standing = Literal["open", "fixed", "not seen", "not applicable", "unknown"]


@dataclass(frozen=True)
class History:
    """A defect over the releases.

    Attributes:
        standing: open (present in the last release), fixed (absent in a later release), not seen (never present),
            not applicable (the last releases lack the API), unknown (nothing can be said of the last releases).
        first_bad: the first release that shows it; None when none does.
        first_bad_note: what makes that uncertain; empty when the release before it was sound or lacked the API.
        fixed_in: the first sound release after the last bad one.
        fixed_in_note: what makes that uncertain; empty when the release before it was bad.
        intervals: (first, last) bad release of each stretch; a stretch ends where the defect is absent.
    """

    standing: Standing
    first_bad: str | None
    first_bad_note: str
    fixed_in: str | None
    fixed_in_note: str
    intervals: tuple[tuple[str, str], ...]


def history(states: Mapping[str, State]) -> History:
    """Reads the states of one defect, given oldest release first."""
    releases = list(states)
    stretches = tuple(intervals(states))
    if not stretches:
        return History(never(list(states.values())), None, "", None, "", ())
    first, last = releases.index(stretches[0][0]), releases.index(stretches[-1][1])
    healed = next((number for number in range(last + 1, len(releases)) if states[releases[number]] == "absent"), None)
    if healed is not None:
        standing: Standing = "fixed"
    elif last == len(releases) - 1:
        standing = "open"
    else:
        standing = "unknown" if "unknown" in [states[name] for name in releases[last + 1 :]] else "not applicable"
    return History(
        standing,
        releases[first],
        first_note(releases[:first], states),
        None if healed is None else releases[healed],
        "" if healed is None else between(releases[last + 1 : healed], states),
        stretches,
    )


def intervals(states: Mapping[str, State]) -> Iterator[tuple[str, str]]:
    """Stretches of releases that show the defect, without one between them where it is absent."""
    first = last = ""
    for release, state in states.items():
        if state == "present":
            first, last = first or release, release
        elif state == "absent" and first:
            yield first, last
            first = ""
    if first:
        yield first, last


def never(states: Sequence[State]) -> Standing:
    """The standing of a defect that no release shows."""
    if "absent" in states:
        return "not seen"
    return "not applicable" if states and set(states) == {"not applicable"} else "unknown"


def first_note(before: Sequence[str], states: Mapping[str, State]) -> str:
    """Why the first bad release may not be the first: there is none before it, or nothing is known of it."""
    if not before:
        return "the oldest release played"
    return f"{before[-1]} is unknown" if states[before[-1]] == "unknown" else ""


def between(gap: Sequence[str], states: Mapping[str, State]) -> str:
    """What lies between the last bad release and the first sound one."""
    return ", ".join(f"{release} is {states[release]}" for release in gap)
