"""Every run that ends gives one pipeline.wide event with its outcome."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="pipeline.wide is not emitted exactly once for a finished run, or tells another outcome",
    claim="With emit_pipeline_wide_event a run emits a single pipeline.wide event once it has finished, with its status, "
    "name and stage counts.",
    source="docs/guides/observability.md#wide-events-opt-in",
    component="stageflow.observability.WideEventEmitter.emit_pipeline_event",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Runs are counted twice or not at all, failed ones as successful.",
    recommendation="Emit the event once on each way out of the run, with the status of that way.",
)

CASES = (
    Case("completed", {"last": "ok", "status": "completed", "counts": {"completed": 2}}),
    Case("reported failure", {"last": "fail", "status": "failed", "counts": {"completed": 1, "failed": 1}}),
    Case("raised error", {"last": "raise", "status": "failed", "counts": None}),
    Case("cancelled by a stage", {"last": "cancel", "status": "cancelled", "counts": None}),
    Case("run twice", {"last": "twice", "status": "completed", "counts": {"completed": 2}}),
)


async def last_stage(ctx, how):
    output = need("stageflow:StageOutput")
    if how == "raise":
        raise ValueError("broken")
    return {"fail": lambda: output.fail(error="refused"), "cancel": lambda: output.cancel(reason="enough")}.get(how, output.ok)()


def verdict(events, runs, params):
    counts = params["counts"]
    seen = [[data["pipeline_run_id"], data["pipeline_name"], data["status"], data["stage_counts"] if counts else None] for data in events]
    wanted = [[str(run), "probe", params["status"], counts] for run in runs]
    short = [[wanted[n][0] == row[0] if n < len(wanted) else False, *row[1:]] for n, row in enumerate(seen)]
    expect_equal(short, [[True, *row[1:]] for row in wanted], "[own run id, name, status, counts] of the pipeline.wide events")


@promised
async def scenario(params):
    sink, runs = RecordingSink(), []
    built = graph(
        pipeline(("first", lambda ctx: last_stage(ctx, "ok")), ("last", lambda ctx: last_stage(ctx, params["last"]), ("first",))),
        [],
        emit_pipeline_wide_event=True,
    )
    for _ in range(2 if params["last"] == "twice" else 1):
        ctx = context(event_sink=sink)
        runs.append(ctx.pipeline_run_id)
        await outcome(built.run(ctx))
    named = [
        data | {"pipeline_name": "probe" if data["pipeline_name"] in ("probe", "pipeline") else data["pipeline_name"]}
        for data in sink.of("pipeline.wide")
    ]
    verdict(named, runs, params)


async def control(params):
    runs = [context().pipeline_run_id for _ in range(2 if params["last"] == "twice" else 1)]
    rows = [
        {"pipeline_run_id": str(run), "pipeline_name": "probe", "status": params["status"], "stage_counts": params["counts"]}
        for run in runs
    ]
    verdict(rows, runs, params)
