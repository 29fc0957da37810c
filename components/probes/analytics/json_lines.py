"""A JSON lines file holds one line for each event, in order, and can be read back."""

import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="JSONFileExporter loses, repeats or garbles events",
    claim="Each event is one JSON line; append keeps what the file held, overwrite does not; event_count is the number of "
    "events; flush and close put everything on disk.",
    source="docstring:stageflow.helpers.analytics.JSONFileExporter",
    component="stageflow.helpers.JSONFileExporter",
    subsystem="analytics",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Reports from the file are wrong, or it cannot be read.",
    recommendation="Write json.dumps(event.to_dict()) and a line end for each event, under the lock.",
)

CASES = (
    Case("one by one", {"how": "export", "append": True, "before": 0, "then": "close"}),
    Case("flushed", {"how": "export", "append": True, "before": 0, "then": "flush"}),
    Case("batch", {"how": "batch", "append": True, "before": 0, "then": "close"}),
    Case("concurrent", {"how": "gather", "append": True, "before": 0, "then": "close"}),
    Case("appended", {"how": "export", "append": True, "before": 2, "then": "close"}),
    Case("overwritten", {"how": "export", "append": False, "before": 2, "then": "close"}),
)
DATA = (
    {"n": 0, "text": "two\nlines \u2028 \u00fc"},
    {"n": 1, "when": datetime(2024, 1, 2, tzinfo=UTC)},
    {"n": 2, "nested": {"a": [1, None]}},
)


class Plain:
    """The rule in plain Python."""

    def __init__(self, file, *, append=True):
        self._file, self._mode, self.event_count = file, "a" if append else "w", 0

    async def export(self, event):
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open(self._mode) as stream:
            stream.write(json.dumps(event.to_dict(), default=str) + "\n")
        self._mode, self.event_count = "a", self.event_count + 1

    async def export_batch(self, events):
        for event in events:
            await self.export(event)

    async def flush(self):
        return None

    close = flush


async def write(exporter, events, how):
    if how == "batch":
        await exporter.export_batch(events)
    elif how == "gather":
        await asyncio.gather(*(exporter.export(event) for event in events))
    else:
        for event in events:
            await exporter.export(event)


async def verdict(make, params):
    kind = need("stageflow.helpers:AnalyticsEvent")
    events = [kind("probe.event", data=data, stage_name="llm", duration_ms=0.0) for data in DATA]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new" / "events.jsonl"
        if params["before"]:
            file.parent.mkdir()
            file.write_text("{}\n" * params["before"], encoding="utf-8")
        exporter = make(file, append=params["append"])
        await write(exporter, events, params["how"])
        await getattr(exporter, params["then"])()
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
    wanted = json.loads(json.dumps([event.to_dict() for event in events], default=str))
    kept = [{}] * (params["before"] if params["append"] else 0)
    expect_equal(
        [rows == kept + wanted, len(rows), exporter.event_count], [True, len(kept) + 3, 3], "[lines as expected, lines, event_count]"
    )


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:JSONFileExporter"), params)


async def control(params):
    await verdict(Plain, params)
