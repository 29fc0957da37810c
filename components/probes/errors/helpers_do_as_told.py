"""The helpers around failing stages log and record what they are given, and hand results through."""

import logging
import time
from datetime import UTC, datetime

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="An error helper drops part of what it is given",
    claim="The helpers of stages.errors log under their logger with the given fields, record the given payload, and return or raise "
    "what the stage did.",
    source="docstring:stageflow.stages.errors",
    component="stageflow.stages.errors.log_stage_error",
    subsystem="errors",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The log of a failure lacks what one needs to find its cause.",
    recommendation="Pass every argument on to the record, event or result.",
)

MODULE = "stageflow.stages.errors"
ERROR = ValueError("disk away")


def record_of(logger, call, *fields):
    """[level, fields] of the one record that the call makes on a logger."""
    with LogTap(logger) as tap:
        call()
    return [[record.levelname, *(getattr(record, name, "absent") for name in fields)] for record in tap.records]


def helper(name):
    return need(f"{MODULE}:{name}")


def stage_log(ctx, sink):
    fields = ("stage", "error_type", "error_message", "extra_field", "user_id", "org_id")
    seen = record_of("pipeline_error", lambda: helper("log_stage_error")("s", ERROR, ctx, None, {"extra_field": 0}), *fields)
    return [record[1:] for record in seen] == [["s", "ValueError", "disk away", 0, str(ctx.user_id), str(ctx.org_id)]]


def stage_log_without_context(ctx, sink):
    return record_of("pipeline_error", lambda: helper("log_stage_error")("s", ERROR), "stage", "error_message")


def stage_log_own_logger(ctx, sink):
    own = logging.getLogger("probe.own")
    return record_of("probe.own", lambda: helper("log_stage_error")("s", ERROR, stage_logger=own), "stage")


def debug_log(ctx, sink):
    return record_of("debug_operations", lambda: helper("log_debug_failure")("op", ERROR, {"k": 0}), "operation", "error_message", "k")


def task_log(ctx, sink):
    return record_of("async_tasks", lambda: helper("handle_async_task_error")("job", ERROR, {"k": 0}), "task_name", "error_message", "k")


def provider_log(ctx, sink):
    fields = ("provider", "operation", "error_type", "error_message")
    return record_of("provider_error", lambda: helper("handle_provider_error")("p", "op", ERROR), *fields)


def safe_log(ctx, sink):
    calls = []

    def log(*args, **kwargs):
        calls.append([list(args), kwargs])
        raise ERROR

    seen = record_of("debug_operations", lambda: helper("safe_debug_log")("op", log, 1, k=2), "operation", "error_message")
    return [calls, seen]


def error_context(ctx, sink):
    told = helper("create_error_context")(k=0)
    return [told.get("k"), abs(told.get("error_timestamp", 0) - time.time()) < 60]


async def decorated(ctx, sink, body, **settings):
    """[result, error, payloads of the events] of a decorated stage."""
    result, error = await outcome(helper("with_error_handling")("s", **settings)(body)(ctx))
    return result, error, [[kind, {name: data.get(name) for name in ("error", "error_type", "extra")}] for kind, data in sink.events]


def failing(error):
    async def body(ctx=None):
        raise error

    return body


def both_texts(error, payload):
    return {"extra": [str(error), payload["error"]]}


async def decorator_payload(ctx, sink):
    _, error, events = await decorated(ctx, sink, failing(ERROR), record_payload_fn=both_texts)
    return [type(error).__name__, error.stage, error.recoverable, events]


async def decorator_stage_error(ctx, sink):
    given = need("stageflow.stages.result:StageError")("own", ERROR)
    _, error, events = await decorated(ctx, sink, failing(given), record_payload_fn=lambda error, payload: {"extra": 0})
    return [error is given, events]


async def decorator_text(ctx, sink):
    told = []
    for settings in ({"error_message": "no luck"}, {}):
        with LogTap("stage_errors") as tap:
            await decorated(ctx, sink, failing(ERROR), **settings)
        told.append([record.getMessage() for record in tap.records])
    return told


async def decorator_stage_error_text(ctx, sink):
    given = need("stageflow.stages.result:StageError")("own", ERROR)
    with LogTap("stage_errors") as tap:
        await decorated(ctx, sink, failing(given), error_message="no luck")
    return ["disk away" in record.getMessage() for record in tap.records]


async def decorator_result(ctx, sink):
    born = datetime(2020, 1, 1, tzinfo=UTC)
    given = need("stageflow.stages.result:StageResult")(name="own", status="completed", started_at=born, ended_at=born)

    async def body(ctx):
        return given

    result, _, _ = await decorated(ctx, sink, body)
    return [result is given, born < result.started_at <= result.ended_at]


async def decorator_wraps(ctx, sink):
    async def body(ctx):
        return {"n": 0}

    result, _, _ = await decorated(ctx, sink, body)
    return [result.name, result.status, result.data, result.started_at <= result.ended_at, result.started_at.utcoffset() is not None]


async def runner(ctx, sink, body, message=None, **hooks):
    made = helper("StageRunner")("s", ctx, *([message] if message else []))
    with LogTap("stage_errors") as tap:
        result, error = await outcome(made.run(body, **hooks))
    return result, error, sink.events, [record.getMessage() for record in tap.records]


async def runner_payload(ctx, sink):
    _, error, events, _ = await runner(ctx, sink, failing(ConnectionError("reset")), on_error=lambda error: {"extra": str(error)})
    told = [[kind, data.get("extra"), data.get("error_type")] for kind, data in events]
    return [error.stage, error.recoverable, told]


async def runner_text(ctx, sink):
    return [(await runner(ctx, sink, failing(ERROR), message))[3] for message in ("no luck", None)]


async def runner_success(ctx, sink):
    async def body():
        return 5

    result, _, events, _ = await runner(ctx, sink, body, on_success=lambda value: {"n": value})
    return [result.name, result.status, result.data, [[kind, data.get("data_keys")] for kind, data in events]]


FAILED = ["stage.s.failed", {"error": "disk away", "error_type": "ValueError", "extra": ["disk away", "disk away"]}]
SEMANTIC = ["stage.s.failed", {"error": "Stage own failed: disk away", "error_type": None, "extra": 0}]
HELPERS = {
    "log_stage_error": (stage_log, True),
    "log_stage_error without context": (stage_log_without_context, [["ERROR", "s", "disk away"]]),
    "log_stage_error own logger": (stage_log_own_logger, [["ERROR", "s"]]),
    "log_debug_failure": (debug_log, [["ERROR", "op", "disk away", 0]]),
    "handle_async_task_error": (task_log, [["ERROR", "job", "disk away", 0]]),
    "handle_provider_error": (provider_log, [["ERROR", "p", "op", "ValueError", "disk away"]]),
    "safe_debug_log": (safe_log, [[[[1], {"k": 2}]], [["ERROR", "op", "disk away"]]]),
    "create_error_context": (error_context, [0, True]),
    "with_error_handling payload": (decorator_payload, ["StageExecutionError", "s", False, [FAILED]]),
    "with_error_handling StageError": (decorator_stage_error, [True, [SEMANTIC]]),
    "with_error_handling message": (decorator_text, [["no luck failed: disk away"], ["s failed: disk away"]]),
    "with_error_handling StageError message": (decorator_stage_error_text, [True]),
    "with_error_handling result": (decorator_result, [True, True]),
    "with_error_handling dict": (decorator_wraps, ["s", "completed", {"n": 0}, True, True]),
    "StageRunner payload": (runner_payload, ["s", True, [["stage.s.failed", "reset", "ConnectionError"]]]),
    "StageRunner message": (runner_text, [["no luck: disk away"], ["s: disk away"]]),
    "StageRunner success": (runner_success, ["s", "completed", {"n": 5}, [["stage.s.completed", ["n"]]]]),
}
CASES = tuple(Case(name, {"helper": name}, component=f"{MODULE}.{name.partition(' ')[0]}") for name in HELPERS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need(MODULE)
    return CASES


@promised
async def scenario(params):
    sink = RecordingSink()
    play, wanted = HELPERS[params["helper"]]
    seen = play(pipeline_context(event_sink=sink), sink)
    expect_equal(await seen if hasattr(seen, "__await__") else seen, wanted, params["helper"])


def control(params):
    own = logging.getLogger("probe.own")
    seen = record_of("probe.own", lambda: own.error("failed", extra={"stage": params["helper"]}), "stage")
    expect_equal(seen, [["ERROR", params["helper"]]], "what a plain logger records")
