"""Throttling starts at the high water mark and ends at the low one, in the monitor and in the queue's events."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Throttling starts or ends at another fill than configured",
    claim="Throttling starts at or above high_water_mark per cent, lasts in between, ends at or below low_water_mark per "
    "cent; counts and fill are exact.",
    source="docs/api/helpers.md#backpressuremonitor",
    component="stageflow.helpers.BackpressureMonitor",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Producers overrun a full queue or are held up by an empty one.",
    recommendation="Compare the fill in per cent with both marks, inclusively.",
)

MARKS = {"default": {}, "narrow": {"high_water_mark": 60, "low_water_mark": 50}, "wide": {"high_water_mark": 100, "low_water_mark": 0}}
SIZES = [0, 19, 79, 80, 81, 50, 21, 20, 59, 60, 51, 50, 99, 100, 101, 1, 0, 80, 0]
CASES = (
    *(Case(name, {"marks": marks, "max": 100}) for name, marks in MARKS.items()),
    Case("other size", {"marks": {}, "max": 250}),
)


def by_hand(sizes, top, high, low):
    """The documented hysteresis."""
    states, state = [], False
    for size in sizes:
        fill = size / top * 100
        state = True if fill >= high else False if fill <= low else state
        states.append([state, round(fill, 6)])
    return states


@promised
def scenario(params):
    monitor = need("stageflow.helpers:BackpressureMonitor")(**params["marks"])
    states = []
    for size in SIZES:
        monitor.record_put(size, params["max"])
        states.append([monitor.should_throttle(), round(monitor.fill_percentage, 6)])
    marks = {"high_water_mark": 80, "low_water_mark": 20} | params["marks"]
    wanted = by_hand(SIZES, params["max"], marks["high_water_mark"], marks["low_water_mark"])
    wrong = [n for n, (seen, hand) in enumerate(zip(states, wanted, strict=True)) if seen != hand]
    expect_equal([SIZES[n] for n in wrong[:1]], [], "first size at which [throttling, fill] is wrong")
    monitor.record_drop()
    monitor.record_blocked(2.5)
    monitor.record_blocked(1.5)
    stats = monitor.stats
    seen = [stats.total_items, stats.max_queue_size, stats.dropped_items, stats.blocked_puts, stats.total_blocked_ms]
    expect_equal(seen, [len(SIZES), max(SIZES), 1, 2, 4.0], "[items, largest size, dropped, blocked, ms blocked]")


def control(params):
    expect_equal(by_hand([80, 50, 20], 100, 80, 20), [[True, 80.0], [True, 50.0], [False, 20.0]], "hysteresis by hand")
