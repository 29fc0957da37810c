"""The payload of a wide event says what its inputs say: times, counts, errors and extras."""

from datetime import UTC, datetime, timedelta

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A wide event's payload differs from the results it describes",
    claim="Durations are in milliseconds from start to end, times ISO texts, data_keys sorted, counts per status, and "
    "status failed as soon as one stage failed.",
    source="docs/api/wide-events.md#pipeline-event-payload-shape",
    component="stageflow.observability.WideEventEmitter.build_pipeline_payload",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Latency and error dashboards show wrong numbers.",
    recommendation="Compute each field of the payload from the results as documented.",
)

STAGE = "stageflow.observability.WideEventEmitter.build_stage_payload"
CASES = (
    Case("stage", {"what": "stage", "statuses": ["completed"]}, component=STAGE),
    Case("failed stage", {"what": "stage", "statuses": ["failed"]}, component=STAGE),
    Case("no stages", {"what": "pipeline", "statuses": []}),
    Case("completed", {"what": "pipeline", "statuses": ["completed", "completed"]}),
    Case("one failed", {"what": "pipeline", "statuses": ["completed", "failed", "completed"]}),
    Case("status given", {"what": "pipeline", "statuses": ["failed"], "status": "degraded", "duration_ms": 77}),
)
START = datetime(2024, 5, 6, 7, 8, 9, 123_456, UTC)


def results(make, statuses):
    """One result per status, the n-th taking n + 1.5 seconds."""
    rows = [(f"s{n}", status, START, START + timedelta(seconds=n + 1.5)) for n, status in enumerate(statuses)]
    return {row[0]: make(*row, {"zeta": 1, "alpha": 2}, "refused" if row[1] == "failed" else None) for row in rows}


def summary(name, status, begin, end, data, error):
    """What the documentation says about one stage."""
    took = (end - begin) / timedelta(milliseconds=1)
    times = {"started_at": begin.isoformat(), "ended_at": end.isoformat(), "duration_ms": int(took)}
    return {"stage": name, "status": status, **times, "error": error, "data_keys": sorted(data)}


def by_hand(params):
    """The documented payload without the run's ids."""
    details = list(results(summary, params["statuses"]).values())
    if params["what"] == "stage":
        return [details[0] | {"extra": {"tier": "gold"}}]
    counts = {status: params["statuses"].count(status) for status in params["statuses"]}
    status = params.get("status") or ("failed" if "failed" in counts else "completed")
    payload = {"pipeline_name": "named", "status": status, "duration_ms": params.get("duration_ms")}
    return [payload | {"stage_counts": counts, "stage_details": details, "extra": {"tier": "gold"}}]


def emitted(params):
    """Payloads that reach the sink."""
    sink, emitter = RecordingSink(), need("stageflow.observability:WideEventEmitter")()
    made = results(need("stageflow.stages.result:StageResult"), params["statuses"])
    ctx = pipeline_context(event_sink=sink)
    if params["what"] == "stage":
        emitter.emit_stage_event(ctx=ctx, result=made["s0"], extra={"tier": "gold"})
    else:
        given = {name: params[name] for name in ("status", "duration_ms") if name in params}
        emitter.emit_pipeline_event(ctx=ctx, stage_results=made, pipeline_name="named", extra={"tier": "gold"}, **given)
    return [data for _, data in sink.events]


@promised
def scenario(params):
    wanted = by_hand(params)
    seen = [{key: data.get(key, "absent") for key in wanted[0]} for data in emitted(params)]
    wrong = [key for key in wanted[0] if not seen or seen[0][key] != wanted[0][key]]
    expect_equal([len(seen), wrong], [1, []], "[payloads, fields with a wrong value]")


def control(params):
    wanted = by_hand(params)
    took = wanted[0].get("duration_ms")
    expect_equal(took if params["what"] == "stage" else 1500, 1500, "duration of a stage that took 1.5 s")
