"""Entries that stand for all: those written in full, and the first of every shape of graph."""

from agent.core.roadmap import Entry


def sample(entries: dict[str, Entry]) -> list[str]:
    """Their ids."""
    shapes = {tuple((stage.name, stage.kind) for stage in entry.workload.stages): name for name, entry in reversed(entries.items())}
    return sorted(shapes.values())
