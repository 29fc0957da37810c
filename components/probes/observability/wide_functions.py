"""The convenience functions for wide events use the emitter they are given, and time a run from its start."""

from datetime import UTC, datetime, timedelta

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="emit_stage_wide_event or emit_pipeline_wide_event ignores its emitter or start time",
    claim="They emit once, under the event type of the provided or default emitter; a run's duration is counted from "
    "started_at when not given.",
    source="docs/api/wide-events.md#convenience-functions",
    component="stageflow.observability.emit_pipeline_wide_event",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events arrive under a type nobody listens to, or without a duration.",
    recommendation="Use (emitter or WideEventEmitter()) and compute the duration from started_at.",
)

STAGE = "stageflow.observability.emit_stage_wide_event"
CASES = (
    Case("stage", {"what": "stage", "own": False, "type": "stage.wide"}, component=STAGE),
    Case("stage, own emitter", {"what": "stage", "own": True, "type": "my.stage"}, component=STAGE),
    Case("pipeline", {"what": "pipeline", "own": False, "type": "pipeline.wide"}),
    Case("pipeline, own emitter", {"what": "pipeline", "own": True, "type": "my.run"}),
)


def send(api, params, sink):
    """Emit one event through the function; seconds of the run come from its start time."""
    emitter = api.WideEventEmitter("my.stage", "my.run") if params["own"] else None
    now = datetime.now(UTC)
    result = need("stageflow.stages.result:StageResult")("only", "completed", now, now)
    ctx = pipeline_context(event_sink=sink)
    if params["what"] == "stage":
        api.emit_stage_wide_event(ctx=ctx, result=result, emitter=emitter)
    else:
        api.emit_pipeline_wide_event(ctx=ctx, stage_results={"only": result}, emitter=emitter, started_at=now - timedelta(seconds=600))


def verdict(events, params):
    minutes = 10 if params["what"] == "pipeline" else 0
    seen = [[kind, round((data.get("duration_ms") or 0) / 60_000)] for kind, data in events]
    expect_equal(seen, [[params["type"], minutes]], "[type, minutes] of the events")


@promised
def scenario(params):
    need("stageflow.observability:emit_pipeline_wide_event")
    sink = RecordingSink()
    send(need("stageflow.observability"), params, sink)
    verdict(sink.events, params)


def control(params):
    verdict([(params["type"], {"duration_ms": 600_000 if params["what"] == "pipeline" else 0})], params)
