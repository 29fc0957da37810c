"""The exporters and the sink of the analytics helpers use what they are given and count what they did."""

import asyncio
import contextlib
import io
import json
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised, run_target

PROBE = Probe(
    title="An analytics helper drops an argument or a count",
    claim="Events go on with their ids, stage and duration, counters add up, aliases work, and an exporter is required.",
    source="docstring:stageflow.helpers.analytics",
    component="stageflow.helpers.AnalyticsSink",
    subsystem="analytics",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Exported analytics lack ids or events, or their counters are wrong.",
    recommendation="Pass every value on, and count each event once.",
)

MODULE = "stageflow.helpers.analytics"
RUN = uuid.UUID(int=7)


def made(name, *args, **settings):
    return need(f"{MODULE}:{name}")(*args, **settings)


def event(kind="e", **fields):
    return made("AnalyticsEvent", kind, **fields)


class Target:
    """An exporter that keeps what it gets."""

    def __init__(self):
        self.got, self.calls = [], []

    async def export(self, event):
        self.got.append(event)

    async def export_batch(self, events):
        self.got += events
        self.calls.append(len(events))

    async def flush(self):
        self.calls.append("flush")

    async def close(self):
        self.calls.append("close")


async def sink_events(how, data):
    """What the exporter gets of one event given to the sink."""
    target = Target()
    sink = made("AnalyticsSink", target)
    if how == "emit":
        await sink.emit(type="stage.done", data=data)
    else:
        sink.try_emit(type="stage.done", data=data)
        await asyncio.sleep(0.01)
    return [[one.event_type, one.pipeline_run_id, one.stage_name, one.duration_ms, one.data] for one in target.got]


async def sink_choice(**patterns):
    target = Target()
    sink = made("AnalyticsSink", target, **patterns)
    for kind in ("stage.a.started", "stage.a.failed", "tool.started", "tool.failed"):
        await sink.emit(type=kind, data=None)
        sink.try_emit(type=kind, data=None)
    await asyncio.sleep(0.01)
    return sorted({one.event_type for one in target.got}), len(target.got)


async def file_counts():
    """event_count after a single event, two batches and another one, and the lines."""
    with tempfile.TemporaryDirectory() as folder:
        file, seen = Path(folder) / "a" / "b" / "events.jsonl", []
        exporter = made("JSONFileExporter", file)
        seen.append(exporter.event_count)
        await exporter.export(event("1"))
        seen.append(exporter.event_count)
        for names in ("23", "456", "", "7"):
            await exporter.export_batch([event(name) for name in names])
            seen.append(exporter.event_count)
        await exporter.export(event("8"))
        await exporter.flush()
        await exporter.close()
        kinds = [json.loads(line)["event_type"] for line in file.read_text().splitlines()]
        return [*seen, exporter.event_count, "".join(kinds)]


async def printed(exporter, *events):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        for one in events:
            await exporter.export(one)
        await exporter.flush()
        await exporter.close()
    return out.getvalue()


async def console_text():
    moment = datetime(2024, 1, 2, 3, 4, 5, 678912, UTC)
    text = await printed(made("ConsoleExporter", colorize=False), event("some.event", timestamp=moment))
    full = event("some.event", timestamp=moment, stage_name="llm", duration_ms=0.0, data={"k": 0})
    more = await printed(made("ConsoleExporter", colorize=False, verbose=True), full)
    return [
        [text.count("03:04:05.678]"), text.count("some.event"), text.count("\n")],
        [word in more for word in ("03:04:05.678]", "stage: llm", "duration: 0.0ms", '"k": 0')],
    ]


async def console_defaults():
    """[coloured, data shown] of a console exporter with its defaults."""
    text = await printed(made("ConsoleExporter"), event("some.event", data={"token": 1}))
    return ["\033[" in text, "token" in text]


async def console_colours():
    """Errors have one colour, completions another."""
    kinds = ("stage.error", "run.failed", "stage.completed", "call.success")
    colours = [(await printed(made("ConsoleExporter"), event(kind))).partition("[0")[0].partition("m")[0] for kind in kinds]
    return [colours[0] == colours[1], colours[2] == colours[3], colours[0] == colours[2]]


async def buffered_aliases():
    target = Target()
    one = made("BufferedExporter", sink=target, flush_interval=0.02)
    await one.export(event("a"))
    before = len(target.got)
    for _ in range(200):
        await asyncio.sleep(0.01)
        if target.got:
            break
    count = len(target.got)
    await one.close()
    return [before, count, target.calls[-1]]


async def buffered_stats():
    one = made("BufferedExporter", Target(), batch_size=99, max_buffer_size=4, high_water_mark=0.5, flush_interval_seconds=60)
    rows = []
    for _ in range(5):
        await one.export(event())
        told = one.stats
        rows.append([told["buffer_size"], told["dropped_count"], told["fill_ratio"], told["high_water_warned"]])
    same = [one.buffer_size, one.dropped_count, told["max_buffer_size"]]
    await one.flush()
    await one.export(event())
    rows.append([one.stats["buffer_size"], one.stats["high_water_warned"]])
    await one.close()
    return [rows, same, one.buffer_size]


async def buffered_overflow():
    told = []
    one = made("BufferedExporter", Target(), batch_size=99, max_buffer_size=2, on_overflow=lambda *given: told.append(list(given)))
    for _ in range(4):
        await one.export(event())
    await one.close()
    return [told[0][0], [count for count, _ in told[1:]]]


async def buffered_batches():
    target = Target()
    one = made("BufferedExporter", target, batch_size=3)
    await one.export_batch([event(str(n)) for n in range(7)])
    before = [list(target.calls), one.buffer_size]
    await one.flush(), await one.flush()
    after = list(target.calls)
    await one.close()
    return [before, after, target.calls, "".join(row.event_type for row in target.got)]


def no_exporter():
    return [raised(need(f"{MODULE}:BufferedExporter")), raised(need(f"{MODULE}:BufferedExporter"), batch_size=1)]


def sparse_event():
    one = event("kind")
    return [
        set(one.to_dict()) == {"event_type", "timestamp", "data"},
        one.data,
        one.metadata,
        "duration_ms" in event(duration_ms=0.0).to_dict(),
    ]


FULL = {"pipeline_run_id": RUN, "stage": "llm", "duration_ms": 0.0, "more": None}
ROW = ["stage.done", RUN, "llm", 0.0, FULL]
FACTS = {
    "AnalyticsSink emit": (lambda: sink_events("emit", FULL), [ROW]),
    "AnalyticsSink try_emit": (lambda: sink_events("try", FULL), [ROW]),
    "AnalyticsSink emit without data": (lambda: sink_events("emit", None), [["stage.done", None, None, None, {}]]),
    "AnalyticsSink try_emit without data": (lambda: sink_events("try", None), [["stage.done", None, None, None, {}]]),
    "AnalyticsSink include": (
        lambda: sink_choice(include_patterns=["tool.", "a.f"]),
        (["stage.a.failed", "tool.failed", "tool.started"], 6),
    ),
    "AnalyticsSink exclude": (lambda: sink_choice(exclude_patterns=["tool.", "a.f"]), (["stage.a.started"], 2)),
    "AnalyticsSink both": (lambda: sink_choice(include_patterns=["tool"], exclude_patterns=["failed"]), (["tool.started"], 2)),
    "JSONFileExporter counts": (file_counts, [0, 1, 3, 6, 6, 7, 8, "12345678"]),
    "ConsoleExporter text": (console_text, [[1, 1, 1], [True] * 4]),
    "ConsoleExporter defaults": (console_defaults, [True, False]),
    "ConsoleExporter colours": (console_colours, [True, True, False]),
    "BufferedExporter aliases": (buffered_aliases, [0, 1, "close"]),
    "BufferedExporter statistics": (
        buffered_stats,
        [[[1, 0, 0.25, False], [2, 0, 0.5, True], [3, 0, 0.75, True], [4, 0, 1.0, True], [4, 1, 1.0, True], [1, True]], [4, 1, 4], 0],
    ),
    "BufferedExporter overflow": (buffered_overflow, [-1, [1, 2]]),
    "BufferedExporter batches": (buffered_batches, [[[3, 3], 1], [3, 3, 1], [3, 3, 1, "close"], "0123456"]),
    "BufferedExporter without exporter": (no_exporter, ["TypeError", "TypeError"]),
    "AnalyticsEvent sparse": (sparse_event, [True, {}, {}, True]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.helpers.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
async def scenario(params):
    run_target()
    try:
        seen = FACTS[params["fact"]][0]()
        judge(await seen if hasattr(seen, "__await__") else seen, params["fact"])
    except KeyError as error:
        raise Violation("every part of the answer", f"no {error}") from None


async def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, "other", params["fact"]), "Violation", "verdict on another answer")
