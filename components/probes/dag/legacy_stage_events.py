"""The older executor reports every stage's start and end, once, with its duration in milliseconds and its error."""

import asyncio
import time
import warnings

from components.lab.flow import EmptyInterceptor, RecordingSink, outcome, pipeline_context, stage_class
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageGraph reports a stage's start or end wrongly",
    claim="Each stage emits stage.<name>.started and then completed or failed, with duration_ms in milliseconds and the error's text.",
    source="docs/guides/observability.md#stage-events",
    component="stageflow.pipeline.dag.StageGraph.run",
    subsystem="dag",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A failed stage looks completed, or latency dashboards are wrong by a factor.",
    recommendation="Record one start and one end event from the stage's result and times.",
)

ENDS = {
    "returns a dict": ("completed", None),
    "returns None": ("completed", None),
    "returns a completed result": ("completed", None),
    "returns a failed result": ("failed", "cause 4711"),
    "returns StageOutput.fail": ("failed", "cause 4711"),
    "raises": ("failed", "cause 4711"),
}
FAST = 0.03
CASES = (
    *(Case(how, {"how": how, "looked": "events"}) for how in ENDS),
    *(Case(f"{how}: duration", {"how": how, "looked": "duration"}) for how in ("returns a dict", "returns a failed result", "raises")),
    *(Case(f"{how}: wide events", {"how": how, "looked": "wide"}) for how in ("returns a dict", "returns a failed result")),
)


def body_of(how):
    async def body(ctx):
        await asyncio.sleep(FAST)
        if how == "raises":
            raise ValueError("cause 4711")
        if how == "returns StageOutput.fail":
            return need("stageflow:StageOutput").fail(error="cause 4711")
        if how.endswith("result"):
            return finished("failed" if "failed" in how else "completed")
        return {"k": 1} if how == "returns a dict" else None

    return body


def finished(status):
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC)
    made = need("stageflow.stages.result:StageResult")
    times = {"started_at": now - timedelta(seconds=FAST), "ended_at": now}
    return made(name="only", status=status, error="cause 4711" if status == "failed" else None, **times)


def plausible(value, real):
    """Whether a duration is the milliseconds between the pause and the whole run."""
    return isinstance(value, int | float) and FAST * 1000 - 5 <= value <= real * 1000 + 50


def judge(events, real, params):
    status, error = ENDS[params["how"]]
    own = [(kind, data) for kind, data in events if kind.startswith("stage.only.")]
    wide = [(kind, data) for kind, data in events if kind.endswith(".wide")]
    if params["looked"] == "events":
        seen = [
            [kind, data.get("stage"), data.get("status"), error if error and error in str(data.get("error")) else None]
            for kind, data in own
        ]
        wanted = [["stage.only.started", "only", "started", None], [f"stage.only.{status}", "only", status, error]]
        expect_equal(seen, wanted, "[event, stage, status, error] in order")
    elif params["looked"] == "duration":
        seen = [plausible(data.get("duration_ms"), real) for kind, data in own if not kind.endswith("started")]
        expect_equal(seen, [True], "duration_ms is the stage's time in milliseconds")
    else:
        seen = [[kind, data.get("status"), plausible(data.get("duration_ms"), real)] for kind, data in wide]
        expect_equal(seen, [["stage.wide", status, True], ["pipeline.wide", status, True]], "[event, status, duration in ms]")


async def scenario(params):
    warnings.simplefilter("ignore")
    sink = RecordingSink()
    spec = need("stageflow.pipeline.dag:StageSpec")(name="only", runner=stage_class(body_of(params["how"])))
    wide = {"emit_stage_wide_events": True, "emit_pipeline_wide_event": True} if params["looked"] == "wide" else {}
    graph = need("stageflow.pipeline.dag:StageGraph")([spec], [EmptyInterceptor()], **wide)
    began = time.perf_counter()
    await outcome(graph.run(pipeline_context(event_sink=sink)))
    judge(sink.events, time.perf_counter() - began, params)


async def control(params):
    status, error = ENDS[params["how"]]
    began = time.perf_counter()
    await asyncio.sleep(FAST)
    took = (time.perf_counter() - began) * 1000
    end = {"stage": "only", "status": status, "error": error, "duration_ms": took}
    events = [("stage.only.started", {"stage": "only", "status": "started"}), (f"stage.only.{status}", end)]
    judge([*events, ("stage.wide", end), ("pipeline.wide", end)], took / 1000, params)
