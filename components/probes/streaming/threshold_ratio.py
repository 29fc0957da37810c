"""The threshold of a back-pressure monitor is the ratio that was given."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureMonitor throttles at another fill than its threshold",
    claim="threshold is the high water ratio (0-1): below that fill nothing is throttled.",
    source="docstring:stageflow.helpers.streaming.BackpressureMonitor.__init__",
    component="stageflow.helpers.BackpressureMonitor.__init__",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Producers are slowed down earlier or later than configured.",
    recommendation="Turn the ratio into the high water mark in per cent.",
    workaround="Use high_water_mark.",
)

CASES = tuple(Case(f"{percent} %", {"percent": percent}) for percent in (50, 80, 90))


def around(make, percent):
    """[throttles one per cent below the mark, throttles one per cent above]."""
    answers = []
    for size in (percent - 1, percent + 1):
        monitor = make(percent)
        monitor.record_put(size, 100)
        answers.append(monitor.should_throttle())
    return answers


def verdict(make, percent):
    expect_equal(around(make, percent), [False, True], f"should_throttle() one per cent below and above the mark of {percent} %")


@promised
def scenario(params):
    make = need("stageflow.helpers:BackpressureMonitor")
    verdict(lambda percent: make(threshold=percent / 100), params["percent"])


def control(params):
    make = need("stageflow.helpers:BackpressureMonitor")
    verdict(lambda percent: make(high_water_mark=percent), params["percent"])
