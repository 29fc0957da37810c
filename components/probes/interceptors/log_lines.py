"""Every stage is logged when it starts and when it ends, with its own name, status and duration."""

import datetime

from components.lab.flow import context, default_graph, outcome, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="Log lines of stages are missing or wrong",
    claim=(
        "The logging and metrics interceptors write one start and one end record per stage, with stage name, status and duration "
        "in milliseconds."
    ),
    source="docs/guides/interceptors.md#logginginterceptor",
    component="stageflow.pipeline.interceptors.LoggingInterceptor",
    subsystem="interceptors",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Log analysis shows stages that never ended, or wrong durations.",
    recommendation="Write both records for every stage, from the stage result.",
)

CASES = (
    Case("start and end, 3 stages", {"check": "pairs"}),
    Case("duration, logging", {"check": "duration", "interceptor": "LoggingInterceptor", "logger": "stage_interceptor"}),
    Case(
        "duration, metrics",
        {"check": "duration", "interceptor": "MetricsInterceptor", "logger": "stage_metrics"},
        component="stageflow.pipeline.interceptors.MetricsInterceptor",
    ),
)


async def pairs():
    async def good(ctx):
        return {"fine": True}

    async def bad(ctx):
        raise ValueError("no")

    with LogTap("stage_interceptor", "stage_metrics") as tap:
        await outcome(default_graph(pipeline(("a", good), ("b", good, ("a",)), ("c", bad, ("b",)))).run(context()))
    rows = sorted((record.stage, record.name, getattr(record, "status", "started")) for record in tap.records)
    wanted = []
    for stage, status in (("a", "completed"), ("b", "completed"), ("c", "failed")):
        wanted += [(stage, "stage_interceptor", status), (stage, "stage_interceptor", "started"), (stage, "stage_metrics", status)]
    expect_equal(rows, wanted, "log records (stage, logger, status)")


async def scenario(params):
    if params["check"] == "pairs":
        await pairs()
        return
    began = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    ended = began + datetime.timedelta(seconds=2, milliseconds=345)
    result = need("stageflow.stages.result:StageResult")(name="a", status="completed", started_at=began, ended_at=ended)
    with LogTap(params["logger"]) as tap:
        await need(f"stageflow:{params['interceptor']}")().after("a", result, pipeline_context())
    expect_equal([record.duration_ms for record in tap.records], [2345], "logged duration_ms of a stage of 2.345 s")


def control(params):
    delta = datetime.timedelta(seconds=2, milliseconds=345)
    expect_equal([int(delta.total_seconds() * 1000)], [2345], "milliseconds of 2.345 s")
