"""The dictionary of a pipeline context tells its run, input and state, and the parent's ids for a child."""

import uuid

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineContext.to_dict leaves out an id or setting, or tells another one",
    claim="to_dict() gives tools the context's ids as text, its settings, data and state; for child runs also parent and correlation ids.",
    source="docstring:stageflow.stages.context.PipelineContext.to_dict",
    component="stageflow.stages.context.PipelineContext.to_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tools act for another user or without correlation.",
    recommendation="Write each field under its own name.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
PLAIN = (
    "topology",
    "execution_mode",
    "input_text",
    "input_audio_duration_ms",
    "metadata",
    "service",
    "data",
    "canceled",
    "cancellation_reason",
)
PARENTS = ("parent_run_id", "parent_stage_id", "correlation_id")
CASES = (Case("root", {"child": False}), Case("child", {"child": True}), Case("canceled", {"child": False, "cancel": True}))


def by_hand(ctx):
    """What the dictionary must say."""
    texts = {name: str(getattr(ctx, name)) for name in IDS}
    parents = {name: str(getattr(ctx, name)) if getattr(ctx, name) else "absent" for name in PARENTS}
    return texts | {name: getattr(ctx, name) for name in PLAIN} | parents | {"artifacts_count": len(ctx.artifacts)}


def make(params):
    ctx = pipeline_context(input_text="hello", input_audio_duration_ms=0, metadata={"k": 1}, data={"d": 2}, service="chat", artifacts=["x"])
    if params.get("cancel"):
        ctx.mark_canceled("enough")
    return ctx.fork(uuid.uuid4(), "spawner", uuid.uuid4()) if params["child"] else ctx


def verdict(told, ctx):
    wrong = [name for name, value in by_hand(ctx).items() if told.get(name, "absent") != value]
    expect_equal(wrong, [], "entries that are missing or have another value")


@promised
def scenario(params):
    need("stageflow:PipelineContext.fork")
    ctx = make(params)
    verdict(ctx.to_dict(), ctx)


def control(params):
    ctx = make(params)
    verdict({name: value for name, value in by_hand(ctx).items() if value != "absent"}, ctx)
