"""Each member of a pipeline's context answers from the context's own fields."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A member of PipelineContext does not answer from the context's fields",
    claim="Stage metadata, parent data, cancellation, ports and dependencies that a PipelineContext gives are those it holds or was given.",
    source="docstring:stageflow.stages.context.PipelineContext",
    component="stageflow.stages.context.PipelineContext",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages get the wrong services or dependencies, or do not notice that they are called off.",
    recommendation="Answer from the field, and pass each argument on.",
    virtual_time=True,
)

DATABASE = object()


def metadata_kept(ctx):
    ctx.set_stage_metadata("a" * 40, {"n": 0})
    ctx.set_stage_metadata("a" * 41, {"n": 1})
    return [ctx.get_stage_metadata("a" * 40), ctx.get_stage_metadata("a" * 41), ctx.get_stage_metadata("other")]


def raises(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, str(error)]
    return "nothing"


def called_off(ctx, *reasons):
    for reason in reasons or ((),):
        ctx.mark_canceled(*([reason] if reason else []))
    return ctx


async def checkpoint(ctx):
    order, loop = [], asyncio.get_running_loop()
    loop.call_soon(order.append, "others run")
    before = loop.time()
    _, error = await outcome(ctx.cancellation_checkpoint())
    return [order, type(error).__name__ if error else "nothing", loop.time() - before]


def now_told(ctx):
    before, told, after = datetime.now(UTC), type(ctx).now(), datetime.now(UTC)
    return told.utcoffset() == timedelta(0) and before <= told <= after


def ports_of(ctx, own=None, root=False, **given):
    ctx.ports, ctx.db = own, given.pop("db", None)
    return (ctx.derive_root_stage_context() if root else stage_of(ctx, **given)).inputs.ports


def stage_of(ctx, **given):
    return ctx.derive_for_stage("stage", need("stageflow.context:OutputBag")(), **given)


def core_ports():
    return need("stageflow.stages.ports:create_core_ports")(db=DATABASE)


def own_ports(ctx, root):
    made = core_ports()
    return ports_of(ctx, made, root) is made


def given_ports(ctx):
    made = core_ports()
    return ports_of(ctx, core_ports(), ports=made) is made


def dependencies(ctx, given):
    found = stage_of(ctx, declared_deps=given).inputs.declared_deps
    return [type(found).__name__, sorted(found)]


def child_of(ctx, **given):
    return ctx.fork(uuid.uuid4(), "parent", uuid.uuid4(), **given)


def inputs_named(ctx):
    stage = ctx.derive_root_stage_context(stage_name="me")
    return [stage.stage_name, stage.inputs.stage_name]


REQUESTED = "StageCancellationRequested"
DEPENDENCIES = ["frozenset", ["a", "b"]]
MEMBERS = {
    "get_stage_metadata": (metadata_kept, [{"n": 0}, {"n": 1}, None]),
    "is_child_run root": (lambda ctx: ctx.is_child_run, False),
    "is_child_run child": (lambda ctx: child_of(ctx).is_child_run, True),
    "get_parent_data root": (lambda ctx: [ctx.get_parent_data("k", 7), ctx.get_parent_data("k")], [7, None]),
    "raise_if_cancelled": (lambda ctx: raises(ctx.raise_if_cancelled), "nothing"),
    "raise_if_cancelled called off": (lambda ctx: raises(called_off(ctx, "enough").raise_if_cancelled), [REQUESTED, "enough"]),
    "cancellation_checkpoint": (checkpoint, [["others run"], "nothing", 0.0]),
    "cancellation_checkpoint called off": (lambda ctx: checkpoint(called_off(ctx, "enough")), [["others run"], REQUESTED, 0.0]),
    "mark_canceled first reason": (lambda ctx: [called_off(ctx, "first", "second").is_canceled, ctx.cancellation_reason], [True, "first"]),
    "mark_canceled default reason": (lambda ctx: [called_off(ctx).is_canceled, bool(ctx.cancellation_reason)], [True, True]),
    "is_canceled": (lambda ctx: [ctx.is_canceled, ctx.cancellation_reason], [False, None]),
    "now": (now_told, True),
    "derive_for_stage own ports": (lambda ctx: own_ports(ctx, False), True),
    "derive_root_stage_context own ports": (lambda ctx: own_ports(ctx, True), True),
    "derive_for_stage given ports": (given_ports, True),
    "derive_for_stage database": (lambda ctx: getattr(ports_of(ctx, db=DATABASE), "db", None) is DATABASE, True),
    "derive_root_stage_context database": (lambda ctx: getattr(ports_of(ctx, root=True, db=DATABASE), "db", None) is DATABASE, True),
    "derive_for_stage no ports": (ports_of, None),
    "derive_for_stage list": (lambda ctx: dependencies(ctx, ["b", "a"]), DEPENDENCIES),
    "derive_for_stage set": (lambda ctx: dependencies(ctx, {"b", "a"}), DEPENDENCIES),
    "derive_for_stage frozenset": (lambda ctx: dependencies(ctx, frozenset("ba")), DEPENDENCIES),
    "derive_for_stage strict": (lambda ctx: [stage_of(ctx).inputs.strict, stage_of(ctx, strict=False).inputs.strict], [True, False]),
    "derive_for_stage name": (lambda ctx: [stage_of(ctx).stage_name, stage_of(ctx).inputs.stage_name], ["stage", "stage"]),
    "derive_root_stage_context name": (inputs_named, ["me", "me"]),
    "fork starts empty": (lambda ctx: [child_of(ctx).data, child_of(ctx).artifacts], [{}, []]),
    "fork inherits all": (lambda ctx: child_of(ctx, inherit_data=True).data, {"a": 1, "b": 2}),
    "fork inherits some": (lambda ctx: child_of(ctx, inherit_data=["b", "z"]).data, {"b": 2}),
    "fork refuses text": (lambda ctx: raises(lambda: child_of(ctx, inherit_data="ab"))[0], "TypeError"),
    "fork overrides": (lambda ctx: child_of(ctx, inherit_data=True, data_overrides={"a": 9}).data, {"a": 9, "b": 2}),
    "fork live": (lambda ctx: [child_of(called_off(ctx)).canceled, child_of(ctx).cancellation_reason], [False, None]),
}
CASES = tuple(
    Case(name, {"member": name}, component=f"stageflow.stages.context.PipelineContext.{name.partition(' ')[0]}") for name in MEMBERS
)


@promised
async def scenario(params):
    ctx = pipeline_context(data={"a": 1, "b": 2})
    call, wanted = MEMBERS[params["member"]]
    seen = call(ctx)
    expect_equal(await seen if asyncio.iscoroutine(seen) else seen, wanted, params["member"])


class Plain:
    """The same rules in plain Python."""

    def __init__(self):
        self._metadata = {}

    def set_stage_metadata(self, name, metadata):
        self._metadata[name] = metadata

    def get_stage_metadata(self, name):
        return self._metadata.get(name)


async def control(params):
    call, wanted = MEMBERS["get_stage_metadata"]
    expect_equal(call(Plain()), wanted, params["member"])
