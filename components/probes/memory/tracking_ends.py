"""Memory tracking ends when the tracker that started it is done."""

import tracemalloc

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="MemoryTracker.stop() does not switch memory tracking off: tracemalloc stays on for the whole process",
    claim="What a tracker starts it also stops: allocation tracing is off again after stop(), or after the decorated call.",
    source="invariant:resource release",
    component="stageflow.helpers.MemoryTracker.stop",
    subsystem="memory",
    category="performance",
    type="performance",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Every allocation of the process pays for tracing and its bookkeeping memory grows, long after the measurement.",
    recommendation="Call tracemalloc.stop() in MemoryTracker.stop() when start() began it; stop the tracker that track_memory made.",
    workaround="Call tracemalloc.stop() yourself.",
)

CASES = (
    Case("stop", {"how": "stop"}, cause="stageflow.helpers.memory_tracker:MemoryTracker.stop"),
    Case(
        "decorated-call",
        {"how": "decorator"},
        "track_memory never stops the tracker it makes: after one decorated call tracemalloc stays on for the whole process",
        "stageflow.helpers.track_memory",
        "stageflow.helpers.memory_tracker:track_memory",
    ),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
def scenario(params):
    helpers = need("stageflow.helpers")
    tracemalloc.stop()
    if params["how"] == "stop":
        tracker = helpers.MemoryTracker()
        tracker.observe()
        tracker.stop()
    else:
        helpers.track_memory(label="work")(lambda: 1)()
    expect_equal(tracemalloc.is_tracing(), False, "tracing afterwards")


def control(params):
    tracemalloc.start()
    tracemalloc.stop()
    expect_equal(tracemalloc.is_tracing(), False, "tracing after a plain start and stop")
