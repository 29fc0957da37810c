"""Compares two campaigns: what is new, gone or still there, whose severity changed, and which entries stand otherwise."""

from collections.abc import Iterator, Mapping

from agent.reporting.campaign.records import Campaign, Changed, Comparison, EntryChange, EntryState, FindingChange, SeenFinding

DEFECTS = ("bug", "dx")
"""Kinds that are compared; suggestions and strengths follow from them."""


def compared(now: Campaign, before: Campaign, label: str) -> Comparison:
    """This campaign against another one; a finding that nobody could have seen again is not called gone for certain."""
    ours, theirs = current(now), current(before)
    states = {entry.id: entry for entry in now.entries}
    earlier = {entry.id: entry for entry in before.entries}
    changes = [change(ours.get(name), theirs.get(name), states, earlier) for name in dict.fromkeys([*ours, *theirs])]
    return Comparison(
        label=label,
        made_at=before.made_at,
        targets=before.targets,
        findings=tuple(changes),
        entries=tuple(entry_changes(states, earlier)),
    )


def current(campaign: Campaign) -> dict[str, SeenFinding]:
    """Its defects as they stand, in their order."""
    return {finding.id: finding for finding in campaign.findings if finding.kind in DEFECTS and finding.current}


def change(
    ours: SeenFinding | None, theirs: SeenFinding | None, now: Mapping[str, EntryState], before: Mapping[str, EntryState]
) -> FindingChange:
    """A finding that at least one of the two has."""
    found = ours or theirs
    assert found
    what: Changed = "still there" if ours and theirs else "new" if ours else "gone"
    return FindingChange(
        change=what,
        id=found.id,
        kind=found.kind,
        title=found.title,
        before=theirs.level if theirs else "",
        after=ours.level if ours else "",
        known=ours is not None or (theirs is not None and all(looked_again(name, now, before) for name in theirs.entries)),
    )


def looked_again(name: str, now: Mapping[str, EntryState], before: Mapping[str, EntryState]) -> bool:
    """Whether an entry has been finished by another run since."""
    entry, earlier = now.get(name), before.get(name)
    return (
        entry is not None
        and entry.progress == "finished"
        and (earlier is None or (entry.run, entry.target) != (earlier.run, earlier.target))
    )


def entry_changes(now: Mapping[str, EntryState], before: Mapping[str, EntryState]) -> Iterator[EntryChange]:
    """Entries of both that stand otherwise."""
    for name, entry in now.items():
        if name in before and in_words(entry) != in_words(before[name]):
            yield EntryChange(id=name, before=in_words(before[name]), after=in_words(entry))


def in_words(entry: EntryState) -> str:
    """Progress and what is settled."""
    return f"{entry.progress}, {entry.settled}" if entry.progress == "finished" else entry.progress
