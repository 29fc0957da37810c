"""Every stage that ends gives one stage.wide event with its status and the run's ids."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="stage.wide is not emitted exactly once for each finished stage",
    claim="With emit_stage_wide_events each stage gives one stage.wide event that names the stage, its status, the run's "
    "ids and the keys of its data.",
    source="docs/guides/observability.md#wide-events-opt-in",
    component="stageflow.observability.WideEventEmitter.emit_stage_event",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Stage counts, error rates and latencies computed from the events are wrong.",
    recommendation="Emit the event once, where the stage's result is recorded.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id")
CASES = (
    Case("one stage", {"stages": ["only"], "last": "ok"}),
    Case("chain", {"stages": ["first", "second", "third"], "last": "ok"}),
    Case("reported failure", {"stages": ["first", "second"], "last": "fail"}),
    Case("wide", {"stages": ["a", "b", "c", "d", "e"], "last": "parallel"}),
)


async def good(ctx):
    return need("stageflow:StageOutput").ok(zeta=1, alpha=2)


async def bad(ctx):
    return need("stageflow:StageOutput").fail(error="refused")


def rows(names, last):
    """Pipeline rows: a chain, or all side by side."""
    before = [() if last == "parallel" or n == 0 else (names[n - 1],) for n in range(len(names))]
    return [(name, bad if last == "fail" and name == names[-1] else good, after) for name, after in zip(names, before, strict=True)]


def verdict(events, ctx, params):
    failing = params["stages"][-1] if params["last"] == "fail" else ""
    wanted = sorted([name, "failed" if name == failing else "completed", "own ids"] for name in params["stages"])
    ids = {name: str(getattr(ctx, name)) for name in IDS} | {
        "topology": ctx.topology,
        "execution_mode": ctx.execution_mode,
        "service": ctx.service,
    }
    seen = [[data["stage"], data["status"], "own ids" if ids.items() <= data.items() else "other ids"] for data in events]
    expect_equal(sorted(seen), wanted, "[stage, status, ids] of the stage.wide events")


@promised
async def scenario(params):
    sink = RecordingSink()
    ctx = context(event_sink=sink)
    built = graph(pipeline(*rows(params["stages"], params["last"])), [], emit_stage_wide_events=True)
    await outcome(built.run(ctx))
    verdict(sink.of("stage.wide"), ctx, params)


async def control(params):
    sink = RecordingSink()
    ctx = context(event_sink=sink)
    for name in params["stages"]:
        status = "failed" if params["last"] == "fail" and name == params["stages"][-1] else "completed"
        data = {key: str(getattr(ctx, key)) for key in IDS} | {
            "topology": ctx.topology,
            "execution_mode": ctx.execution_mode,
            "service": ctx.service,
        }
        sink.try_emit(type="stage.wide", data=data | {"stage": name, "status": status})
    verdict(sink.of("stage.wide"), ctx, params)
