"""The observable sink uses its settings, tells time in milliseconds, and prints what it captured."""

import contextlib
import io
import time
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="The observable sink tells a wrong time or prints another thing than it captured",
    claim="elapsed_ms is milliseconds since the sink was made or cleared, and what is printed is what was emitted.",
    source="docstring:stageflow.helpers.run_utils.ObservableEventSink",
    component="stageflow.helpers.ObservableEventSink",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Somebody who looks for a slow or failing stage looks in the wrong place.",
    recommendation="Compute each number and text from the events.",
)

MODULE = "stageflow.helpers.run_utils"


def made(name, *args, **settings):
    return need(f"{MODULE}:{name}")(*args, **settings)


def printed(call, *args, **settings):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call(*args, **settings)
    return out.getvalue()


def sink_times():
    """Time and age of an event a tenth of a second after the sink's start, and after clear()."""
    before = datetime.now(UTC)
    sink = made("ObservableEventSink", verbose=False)
    time.sleep(0.1)
    sink.try_emit(type="a", data=None)
    whole = (datetime.now(UTC) - before).total_seconds() * 1000
    first = sink.events[0]
    moment = datetime.fromisoformat(first["timestamp"])
    ages = [95 <= first["elapsed_ms"] <= whole + 20, before <= moment <= datetime.now(UTC)]
    sink.clear()
    cleared = datetime.now(UTC)
    sink.try_emit(type="b", data=None)
    since = (datetime.now(UTC) - cleared).total_seconds() * 1000
    return [*ages, [event["type"] for event in sink.events], sink.events[0]["elapsed_ms"] <= since + 50]


def sink_prints():
    sink = made("ObservableEventSink", colorize=False)
    data = {"stage": "llm", "reason": "r" * 81, "error": "e" * 80, "other": "hidden"}
    text = printed(sink.try_emit, type="tool.started", data=data)
    words = ("tool.started", "stage: llm", "r" * 80 + "...", "r" * 81, "e" * 80, "e" * 80 + "...", "\033[")
    quiet = printed(made("ObservableEventSink", verbose=False).try_emit, type="x", data=None)
    return [[word in text for word in words], quiet]


def sink_defaults():
    """[printed, coloured, captured] of a sink with its defaults."""
    sink = made("ObservableEventSink")
    text = printed(sink.try_emit, type="some.event", data={})
    return ["some.event" in text, "\033[" in text, len(sink.events)]


def sink_colours():
    """Whether failures look unlike completions, and like each other."""
    sink = made("ObservableEventSink")
    marks = [printed(sink.try_emit, type=kind, data=None)[:5] for kind in ("a.failed", "b.error", "a.completed", "b.success")]
    return [marks[0] == marks[1], marks[2] == marks[3], marks[0] == marks[2]]


def sink_summary():
    sink = made("ObservableEventSink", verbose=False)
    nothing = printed(sink.print_summary)
    for number in range(12):
        sink.try_emit(type="tool.x" if number % 3 else f"stage.n{number}", data=None)
    text = printed(sink.print_summary)
    return [
        "No events" in nothing,
        "SUMMARY" in nothing,
        [word in text for word in ("No events", "events: 12", "stage: 4", "tool: 8", "stage.n9", "stage.n0")],
    ]


FACTS = {
    "ObservableEventSink times": (sink_times, [True, True, ["b"], True]),
    "ObservableEventSink printed": (sink_prints, [[True, True, True, False, True, False, False], ""]),
    "ObservableEventSink defaults": (sink_defaults, [True, True, 1]),
    "ObservableEventSink colours": (sink_colours, [True, True, False]),
    "ObservableEventSink.print_summary": (sink_summary, [True, False, [False, True, True, True, True, False]]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.helpers.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
def scenario(params):
    judge(FACTS[params["fact"]][0](), params["fact"])


def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, b"other", params["fact"]), "Violation", "verdict on another answer")
