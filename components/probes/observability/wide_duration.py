"""Wide events report the time that a stage and a run really took."""

import asyncio
import time

from components.lab.flow import RecordingSink, context, graph, pipeline
from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A wide event reports another duration than the stage or run took",
    claim="duration_ms is the time from start to end in milliseconds.",
    source="docs/api/wide-events.md#stage-event-payload-shape",
    component="stageflow.observability.WideEventEmitter",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Latency dashboards are wrong.",
    recommendation="Take the difference of the end and start times in milliseconds.",
)

CASES = (Case("stage", {"event": "stage.wide"}), Case("run", {"event": "pipeline.wide"}))


async def slow(ctx):
    await asyncio.sleep(0.2)
    return need("stageflow:StageOutput").ok()


def verdict(reported, before, after):
    expect(reported >= 195, "at least the 200 ms the stage slept", "fewer milliseconds")
    expect(reported <= (after - before) * 1000 + 5, "at most the time around the run", "more milliseconds than the whole run took")


@promised
async def scenario(params):
    sink = RecordingSink()
    built = graph(pipeline(("slow", slow)), [], emit_stage_wide_events=True, emit_pipeline_wide_event=True)
    before = time.monotonic()
    await built.run(context(event_sink=sink))
    after = time.monotonic()
    found = sink.of(params["event"])
    expect(len(found) > 0, f"a {params['event']} event", "none")
    verdict(found[0]["duration_ms"], before, after)


async def control(params):
    before = time.monotonic()
    await asyncio.sleep(0.2)
    after = time.monotonic()
    verdict(int((after - before) * 1000) + 1, before, after)
