"""Each member of a stage's context answers from the snapshot, timer, sink and ports the context was made with."""

import asyncio
import time
import warnings
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from components.lab.flow import RecordingSink, outcome, stage_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A member of StageContext does not answer from what the context was made with",
    claim="Ids, times, cancellation, events and the derived PipelineContext of a StageContext are those it was made with.",
    source="docstring:stageflow.core.stage_context.StageContext",
    component="stageflow.core.StageContext",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage acts for another run, stops without reason, or its events are lost.",
    recommendation="Answer from the field of the same name.",
    virtual_time=True,
)

DATABASE = object()
OWN = ("pipeline_run_id", "request_id", "execution_mode")
COPIED = (*OWN, "session_id", "user_id", "org_id", "interaction_id", "topology", "input_text", "created_at")


def parts():
    """What a context is made of."""
    ports = need("stageflow.stages.ports:create_core_ports")(db=DATABASE)
    snapshot = stage_context(input_text="hello").snapshot
    inputs = need("stageflow.stages.inputs:create_stage_inputs")(snapshot=snapshot, ports=ports, stage_name="stage")
    timer = need("stageflow.core:PipelineTimer")()
    return {"snapshot": snapshot, "inputs": inputs, "stage_name": "stage", "timer": timer, "event_sink": RecordingSink()}


def events_of(ctx, *names):
    return [[kind, *(data.get(name) for name in names)] for kind, data in ctx.event_sink.events]


def alias(ctx):
    ctx.emit_event("probe.event", {"n": 0})
    return events_of(ctx, "n", *OWN[2:]) == [["probe.event", 0, ctx.snapshot.execution_mode]]


def stage_event(ctx):
    ctx.record_stage_event("s", "done", n=0)
    return events_of(ctx, "stage", "status", "stage_name", "n", "request_id") == [
        ["stage.done", "s", "done", "stage", 0, str(ctx.snapshot.request_id)]
    ]


def pipeline_of(ctx, **given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ctx.as_pipeline_context(**given)


def fields_kept(ctx):
    made = pipeline_of(ctx)
    return [name for name in COPIED if getattr(made, name) != getattr(ctx.snapshot, name)] == []


def defaults_of(ctx):
    made = pipeline_of(ctx)
    return [made.data, made.configuration, made.service, made.db is DATABASE, made.ports is ctx.inputs.ports]


def given_used(ctx):
    given = {"data": {"a": 1}, "configuration": {"b": 2}, "service": "chat", "db": given_database}
    made = pipeline_of(ctx, **given)
    made.data["more"] = made.configuration["more"] = 1
    return [made.data["a"], made.configuration["b"], made.service, made.db is given_database, given["data"], given["configuration"]]


given_database = SimpleNamespace()
NOW_ISH = "a time with zone UTC, now"


def now_told(ctx):
    before, told, after = datetime.now(UTC), type(ctx).now(), datetime.now(UTC)
    return NOW_ISH if told.utcoffset() == timedelta(0) and before <= told <= after else "another time"


def called_off(ctx, reason):
    """The same context with a cancellation asked for."""
    made = need("stageflow.core:StageContext")
    probes = {"_cancellation_probe": lambda: True, "_cancellation_reason_provider": lambda: reason}
    names = ("snapshot", "inputs", "stage_name", "timer", "event_sink")
    return made(**{name: getattr(ctx, name) for name in names}, **probes)


def raises(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error), getattr(error, "reason", None)]
    return "nothing"


async def checkpoint(ctx):
    order, loop = [], asyncio.get_running_loop()
    loop.call_soon(order.append, "others run")
    before = loop.time()
    _, error = await outcome(ctx.cancellation_checkpoint())
    return [order, type(error).__name__ if error else "nothing", loop.time() - before]


def start_told(ctx):
    start = ctx.timer.pipeline_start_ms
    near = abs(start - time.time() * 1000) < 60_000
    return [type(start).__name__, near, ctx.started_at.timestamp() * 1000 == start, ctx.started_at.utcoffset() == timedelta(0)]


REQUESTED = "StageCancellationRequested"
MEMBERS = {
    "is_cancelled": (lambda ctx: ctx.is_cancelled, False),
    "cancellation_reason": (lambda ctx: ctx.cancellation_reason, None),
    "raise_if_cancelled": (lambda ctx: raises(ctx.raise_if_cancelled), "nothing"),
    "raise_if_cancelled with reason": (lambda ctx: raises(called_off(ctx, "enough").raise_if_cancelled), [REQUESTED, "enough", "enough"]),
    "raise_if_cancelled names stage": (lambda ctx: "'stage'" in raises(called_off(ctx, None).raise_if_cancelled)[1], True),
    "cancellation_checkpoint": (checkpoint, [["others run"], "nothing", 0.0]),
    "cancellation_checkpoint called off": (lambda ctx: checkpoint(called_off(ctx, "enough")), [["others run"], REQUESTED, 0.0]),
    "ids": (lambda ctx: [name for name in OWN if getattr(ctx, name) != getattr(ctx.snapshot, name)], []),
    "started_at": (start_told, ["int", True, True, True]),
    "to_dict": (
        lambda ctx: ctx.to_dict() == ctx.snapshot.to_dict() | {"stage_name": "stage", "started_at": ctx.started_at.isoformat()},
        True,
    ),
    "emit_event": (alias, True),
    "record_stage_event": (stage_event, True),
    "as_pipeline_context fields": (fields_kept, True),
    "as_pipeline_context defaults": (defaults_of, [{}, {}, "pipeline", True, True]),
    "as_pipeline_context given": (given_used, [1, 2, "chat", True, {"a": 1}, {"b": 2}]),
    "as_pipeline_context sink": (lambda ctx: pipeline_of(ctx).event_sink is ctx.event_sink, True),
    "now": (now_told, NOW_ISH),
}
CASES = (
    *(Case(name, {"member": name}, component=f"stageflow.core.StageContext.{name.partition(' ')[0]}") for name in MEMBERS),
    Case("create_stage_context", {"member": "all"}, component="stageflow.core.create_stage_context"),
)


async def look(ctx, member):
    seen = MEMBERS[member][0](ctx)
    return await seen if asyncio.iscoroutine(seen) else seen


@promised
async def scenario(params):
    given = parts()
    ctx = need("stageflow.core:StageContext")(**given)
    if params["member"] == "all":
        ctx = need("stageflow.core.stage_context:create_stage_context")(**given)
        expect_equal([name for name, value in given.items() if getattr(ctx, name) is not value], [], "parts that are not those given")
        return
    expect_equal(await look(ctx, params["member"]), MEMBERS[params["member"]][1], params["member"])


async def control(params):
    made = SimpleNamespace(is_cancelled=False, cancellation_reason=None, raise_if_cancelled=lambda: None)
    plain = [MEMBERS[name][0](made) for name in ("is_cancelled", "cancellation_reason", "raise_if_cancelled")]
    expect_equal(plain, [False, None, "nothing"], "members of a plain context")
