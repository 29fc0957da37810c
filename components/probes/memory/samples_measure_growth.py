"""A memory sample is the number of kibibytes in use: a megabyte kept shows as about 1024 more."""

import tracemalloc

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="MemoryTracker reports a wrong unit or the wrong figure",
    claim="current_kb grows by the size of what is kept and falls when it is released; peak_kb stays at the highest value.",
    source="docstring:stageflow.helpers.memory_tracker.MemoryTracker",
    component="stageflow.helpers.MemoryTracker",
    subsystem="memory",
    category="observability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Leak alarms fire never or always.",
    recommendation="Divide both figures of tracemalloc by 1024 and keep them in order.",
)

CASES = tuple(Case(f"kib={size}", {"kib": size}) for size in (4096, 16384))


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def check(before, held, after, size):
    grown, fallen, peak = held[0] - before[0], held[0] - after[0], after[1] - before[0]
    near = [abs(grown - size) < size * 0.01, abs(fallen - size) < size * 0.01, peak >= size * 0.99]
    expect(all(near), "growth, fall and peak within a hundredth of what was kept", f"growth, fall, peak right: {near}")


@promised
def scenario(params):
    tracker = need("stageflow.helpers:MemoryTracker")()
    tracker.observe()
    before = tracker.observe()
    block = bytearray(params["kib"] * 1024)
    held = tracker.observe()
    del block
    after = tracker.observe()
    check(*((sample.current_kb, sample.peak_kb) for sample in (before, held, after)), params["kib"])


def control(params):
    tracemalloc.start()

    def sample():
        current, peak = tracemalloc.get_traced_memory()
        return current // 1024, peak // 1024

    before = sample()
    block = bytearray(params["kib"] * 1024)
    held = sample()
    del block
    check(before, held, sample(), params["kib"])
