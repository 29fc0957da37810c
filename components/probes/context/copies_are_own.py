"""What is taken out of a context record, or was put into it, can be changed without changing the record."""

import asyncio
import warnings

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A copy that a context record gives or takes is the record's own list or dict",
    claim="Views such as keys(), outputs() and to_dict() of a bag are copies, and so is what snapshots, contexts and payloads take over.",
    source="docstring:stageflow.context.bag.ContextBag.to_dict",
    component="stageflow.context.ContextBag.to_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A reader that changes its copy changes what every later stage sees.",
    recommendation="Hand out and store copies.",
)


async def context_bag():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bag = need("stageflow.context:ContextBag")()
    await bag.write("a", 1, "stage")
    return bag


async def output_bag():
    bag = need("stageflow.context:OutputBag")()
    await bag.write("a", need("stageflow:StageOutput").ok(n=1))
    return bag


async def of_context_bag():
    bag = await context_bag()
    return bag.to_dict(), bag.to_dict


async def of_context_keys():
    bag = await context_bag()
    return bag.keys(), bag.keys


async def of_output_bag(view):
    bag = await output_bag()
    return getattr(bag, view)(), lambda: sorted(map(str, getattr(bag, view)()))


async def of_snapshot():
    ctx = pipeline_context(metadata={"a": 1})
    snapshot = ctx.to_snapshot()
    return ctx.metadata, lambda: snapshot.metadata


async def of_from_snapshot():
    snapshot = need("stageflow.context:ContextSnapshot")(metadata={"a": 1})
    ctx = need("stageflow:PipelineContext.from_snapshot")(snapshot)
    return ctx.metadata, lambda: snapshot.metadata


async def of_create(field, way):
    given = ["a"] if field == "artifacts" else {"a": 1}
    if way == "create":
        ctx = need("stageflow:PipelineContext.create")(**{field: given})
    else:
        ctx = need("stageflow:PipelineContext.from_snapshot")(need("stageflow.context:ContextSnapshot")(), **{field: given})
    return given, lambda: getattr(ctx, field)


async def of_fork(field):
    ctx = pipeline_context(**{field: {"a": 1}})
    child = ctx.fork(ctx.pipeline_run_id, "s", ctx.request_id, inherit_data=True)
    return getattr(child, field), lambda: getattr(ctx, field)


async def of_payload(maker):
    helpers = need("stageflow.stages.payloads")
    summary = {"a": 1}
    if maker == "fail_output":
        output = helpers.fail_output(error="e", summary=summary)
    else:
        output = getattr(helpers, maker)(helpers.StagePayloadResult(payload=1, summary=summary))
    return summary, lambda: output.data[helpers.SUMMARY_KEY]


async def of_summary():
    helpers = need("stageflow.stages.payloads")
    output = helpers.ok_output(helpers.StagePayloadResult(payload=1, summary={"a": 1}))
    return helpers.summary_from_output(output), lambda: output.data[helpers.SUMMARY_KEY]


async def of_message():
    conversation = need("stageflow.context:Conversation")()
    longer = conversation.with_message(need("stageflow.context:Message")(role="user", content="x"))
    return longer.messages, lambda: conversation.messages


COPIES = {
    "ContextBag.to_dict": of_context_bag,
    "ContextBag.keys": of_context_keys,
    **{f"OutputBag.{view}": (lambda view=view: of_output_bag(view)) for view in ("keys", "entries", "outputs", "get_retry_stages")},
    "PipelineContext.to_snapshot": of_snapshot,
    "PipelineContext.from_snapshot metadata": of_from_snapshot,
    **{
        f"PipelineContext.{way} {field}": (lambda field=field, way=way: of_create(field, way))
        for way, fields in (
            ("create", ("configuration", "metadata", "data", "artifacts")),
            ("from_snapshot", ("configuration", "data", "artifacts")),
        )
        for field in fields
    },
    **{f"PipelineContext.fork {field}": (lambda field=field: of_fork(field)) for field in ("data", "metadata", "configuration")},
    **{name: (lambda name=name: of_payload(name)) for name in ("ok_output", "cancel_output", "fail_output")},
    "summary_from_output": of_summary,
    "Conversation.with_message": of_message,
}


def home(name):
    """The dotted name of what is copied."""
    first = name.partition(" ")[0]
    if first.startswith("PipelineContext"):
        return f"stageflow.stages.context.{first}"
    return f"stageflow.context.{first}" if "." in first else f"stageflow.stages.payloads.{first}"


CASES = tuple(Case(name, {"copy": name}, f"{name.partition(' ')[0]} hands over no copy", home(name)) for name in COPIES)


def change(value):
    """Put something into a list or dict."""
    if isinstance(value, dict):
        value["changed"] = 1
    else:
        value.append("changed")


async def verdict(make):
    value, read = await make()
    before = str(read())
    change(value)
    expect_equal(str(read()) == before, True, "the record is as before after a change of the copy")


@promised
async def scenario(params):
    await verdict(COPIES[params["copy"]])


async def control(params):
    record = {"a": params["copy"]}

    async def make():
        await asyncio.sleep(0)
        return record.copy(), lambda: record

    await verdict(make)
