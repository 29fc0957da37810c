"""The start of a recording, up to a call from which on another model is to answer."""

from collections.abc import Sequence
from pathlib import Path

from agent.core.errors import UsageError
from agent.core.files import write_atomic
from agent.models.cassette import RecordedCall, RecordedModel, read_recording

KEY = 6
"""Fewest characters of a call's key."""
LISTED = 40
"""Calls that an error names."""


def first_of_decision(calls: Sequence[RecordedCall], wanted: str) -> int:
    """Number, from 1, of the first call of the decision that the wanted call belongs to: one decision is one model's.

    Args:
        calls: the recording.
        wanted: number of a call, or the start of its key.

    Raises:
        UsageError: there is no such call.
    """
    place = found(calls, wanted)
    while place and same_decision(calls[place - 1], calls[place]):
        place -= 1
    return place + 1


def found(calls: Sequence[RecordedCall], wanted: str) -> int:
    """Place of a call by its number or the start of its key.

    Raises:
        UsageError: there is none, or several have it.
    """
    text = wanted.removeprefix("#").lower()
    if text.isdecimal() and 1 <= int(text) <= len(calls):
        return int(text) - 1
    places = [place for place, call in enumerate(calls) if len(text) >= KEY and call.key.startswith(text)]
    if len(places) == 1:
        return places[0]
    names = ", ".join(f"{number} {call.asked.name} ({call.key[:KEY]})" for number, call in enumerate(calls[:LISTED], 1))
    hint = f"Recorded are: {names}." if calls else "Nothing was asked in it."
    raise UsageError(f"{'several calls are' if places else 'there is no call'} {wanted}", hint=hint)


def same_decision(before: RecordedCall, call: RecordedCall) -> bool:
    """Whether a call goes on with the decision of the one before it: a repair, a further draw, or another try."""
    one, other = before.asked, call.asked
    return one.name == other.name and (len(other.messages) > 2 or one.messages == other.messages)


def write_before(recording: Path, number: int, to: Path) -> None:
    """Write what was recorded before a call, with every model of the recording."""
    lines, seen = [], 0
    for line in read_recording(recording):
        seen += isinstance(line, RecordedCall)
        if isinstance(line, RecordedModel) or seen < number:
            lines.append(line.model_dump_json())
    to.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(to, "\n".join(lines) + "\n")
