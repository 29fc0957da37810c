"""Observing an id costs the same however many are remembered."""

import uuid

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised
from components.lab.value_kit import calls_counted

PROBE = Probe(
    title="UuidCollisionMonitor.observe gets slower with the number of ids it remembers",
    claim="The monitor is lightweight: one observation costs the same in a large window as in a small one.",
    source="invariant:complexity",
    component="stageflow.helpers.UuidCollisionMonitor",
    subsystem="uuid_utils",
    category="performance",
    type="performance",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Collision monitoring slows down busy services more and more.",
    recommendation="Keep a queue and an index, and drop the oldest entry on each overflow.",
)

CASES = (Case("large-against-small", {"small": 200, "large": 4_000}),)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def cost(monitor, size):
    """Function calls of 100 observations when `size` different ids were observed before."""
    for n in range(size):
        monitor.observe(uuid.UUID(int=n))
    return calls_counted(lambda: [monitor.observe(uuid.UUID(int=size + n)) for n in range(100)])


def check(make, params):
    small, large = (cost(make(size // 2), size) for size in (params["small"], params["large"]))
    expect(large < 3 * small, "100 observations with fewer than three times the calls in a window 20 times as large", "three times or more")


@promised
def scenario(params):
    monitor_class = need("stageflow.helpers:UuidCollisionMonitor")
    check(lambda size: monitor_class(max_entries=size), params)


def control(params):
    class Window:
        """Stand-in with a dict in insertion order."""

        def __init__(self, size):
            self.size, self.seen = size, {}

        def observe(self, value):
            self.seen[value] = None
            if len(self.seen) > self.size:
                self.seen.pop(next(iter(self.seen)))

    check(Window, params)
