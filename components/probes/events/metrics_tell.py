"""The metrics of a backpressure-aware sink: counts, times and rate after every sequence of deliveries and drops."""

import time

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The metrics of a backpressure-aware event sink do not tell what happened",
    claim="emitted and dropped count events, queue_full_count the drops, drop_rate is their percentage, and last_emit_time and "
    "last_drop_time are the monotonic times of the last ones; to_dict() says the same.",
    source="docstring:stageflow.events.BackpressureMetrics",
    component="stageflow.events.BackpressureMetrics",
    subsystem="events",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="An overloaded sink looks healthy, or a healthy one overloaded.",
    recommendation="Set count and time together on every delivery and drop.",
)

CASES = (
    Case("nothing", {"steps": ""}),
    Case("one delivered", {"steps": "e"}),
    Case("one dropped", {"steps": "d"}),
    Case("one of three dropped", {"steps": "eed"}),
    Case("two of three dropped", {"steps": "ded"}),
    Case("many", {"steps": "eeedeeedeeed"}),
)
FIELDS = ("emitted", "dropped", "queue_full_count", "last_emit_time", "last_drop_time")


def wanted(steps):
    """[emitted, dropped, full, whether there was an emit, a drop, rate]."""
    rate = steps.count("d") / len(steps) * 100 if steps else 0.0
    return [steps.count("e"), steps.count("d"), steps.count("d"), "e" in steps, "d" in steps, round(rate, 2), True]


def told(metrics, steps):
    """What the metrics say, with the times judged by the clock."""
    moments = {"e": None, "d": None}
    for step in steps:
        before = time.monotonic()
        metrics.record_emit() if step == "e" else metrics.record_drop()
        moments[step] = (before, time.monotonic())
    shown = metrics.to_dict()
    values = [getattr(metrics, name) for name in FIELDS]
    fresh = [within(values[3], moments["e"]), within(values[4], moments["d"])]
    same = [shown[name] for name in FIELDS] == values and shown["drop_rate_percent"] == round(metrics.drop_rate, 2)
    return [*values[:3], *fresh, round(metrics.drop_rate, 2), same]


def within(moment, bounds):
    """True for the time of a step, False for none; a word when it is neither."""
    if bounds is None:
        return "never happened" if moment else False
    return True if bounds[0] <= moment <= bounds[1] else "another time"


@promised
def scenario(params):
    seen = told(need("stageflow.events:BackpressureMetrics")(), params["steps"])
    expect_equal(seen, wanted(params["steps"]), "[emitted, dropped, queue full, emit time, drop time, rate, to_dict() says the same]")


class PlainMetrics:
    """Counts by hand."""

    def __init__(self):
        self.emitted = self.dropped = self.queue_full_count = 0
        self.last_emit_time = self.last_drop_time = 0.0

    drop_rate = property(lambda self: 100 * self.dropped / max(1, self.emitted + self.dropped))

    def record_emit(self):
        self.emitted, self.last_emit_time = self.emitted + 1, time.monotonic()

    def record_drop(self):
        self.dropped, self.queue_full_count, self.last_drop_time = self.dropped + 1, self.queue_full_count + 1, time.monotonic()

    def to_dict(self):
        return {**vars(self), "drop_rate_percent": round(self.drop_rate, 2)}


def control(params):
    expect_equal(told(PlainMetrics(), params["steps"]), wanted(params["steps"]), "[emitted, dropped, full, times, rate, same]")
