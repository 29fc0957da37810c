"""The console exporter prints each event once with its type, stage and duration, and the data when verbose."""

import contextlib
import io
import sys

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ConsoleExporter prints an event incompletely or more than once",
    claim="Every event is printed once and counted, with stage and duration; verbose adds the data; colours only with colorize.",
    source="docstring:stageflow.helpers.analytics.ConsoleExporter",
    component="stageflow.helpers.ConsoleExporter",
    subsystem="analytics",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Somebody debugging with it looks for events that did happen.",
    recommendation="Print the formatted event once and count it.",
)

CASES = (
    Case("plain", {"options": {"colorize": False}, "batch": False, "data": False, "colour": False}),
    Case("verbose", {"options": {"colorize": False, "verbose": True}, "batch": False, "data": True, "colour": False}),
    Case("colour batch", {"options": {"colorize": True}, "batch": True, "data": False, "colour": True}),
)


class Plain:
    """The rule with plain output."""

    def __init__(self, *, colorize=True, verbose=False):
        self._colour, self._verbose, self.event_count = "\033[92m" if colorize else "", verbose, 0

    async def export(self, event):
        data = event.data if self._verbose else ""
        sys.stdout.write(f"{self._colour}{event.event_type} stage: {event.stage_name} duration: {event.duration_ms:.1f}ms {data}\n")
        self.event_count += 1

    async def export_batch(self, events):
        for event in events:
            await self.export(event)


async def verdict(make, params):
    kind = need("stageflow.helpers:AnalyticsEvent")
    events = [kind(f"stage.{n}.completed", data={"token": n}, stage_name=f"s{n}", duration_ms=1.5) for n in range(2)]
    exporter, printed = make(**params["options"]), io.StringIO()
    with contextlib.redirect_stdout(printed):
        if params["batch"]:
            await exporter.export_batch(events)
        else:
            for event in events:
                await exporter.export(event)
    text = printed.getvalue()
    counts = [text.count(part) for part in ("stage.0.completed", "stage.1.completed", "stage: s1", "duration: 1.5ms")]
    seen = [*counts, "token" in text, "\033[" in text, exporter.event_count]
    expect_equal(
        seen, [1, 1, 1, 2, params["data"], params["colour"], 2], "[first, second, stage, durations, data shown, colour, event_count]"
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:ConsoleExporter"), params)


async def control(params):
    await verdict(Plain, params)
