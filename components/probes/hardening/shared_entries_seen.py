"""A change that later stages can see is noticed, also at the top level of the metadata."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, NotApplicable, Probe, expect, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="ImmutabilityInterceptor does not see a stage that adds or changes a top-level entry of snapshot.metadata",
    claim="A change of the snapshot by one stage that another stage can see is reported.",
    source="docs/advanced/hardening.md#immutabilityinterceptor",
    component="stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor",
    subsystem="hardening",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Stages can pass hidden state through the immutable snapshot and the check that forbids it says nothing.",
    recommendation="Compare the snapshot that stages were given, not a new one made from the pipeline context.",
    workaround="Give the context its metadata as a stageflow.utils.frozen.FrozenDict.",
    cause="stageflow.pipeline.interceptors_hardening:ImmutabilityInterceptor._serialize_snapshot",
)

CASES = (
    Case("new entry", {"path": [], "key": "added"}),
    Case("changed entry", {"path": [], "key": "kept"}),
)


async def reported(params, path):
    seen = []

    async def writer(ctx):
        target = ctx.snapshot.metadata
        for step in path:
            target = target[step]
        target[params["key"]] = "by writer"

    async def reader(ctx):
        target = ctx.snapshot.metadata
        for step in path:
            target = target[step]
        seen.append(target.get(params["key"]))

    checker = need("stageflow.pipeline.interceptors_hardening:ImmutabilityInterceptor")(crash_on_violation=False)
    built = graph(pipeline(("writer", writer), ("reader", reader, ("writer",))), [checker])
    with LogTap("stageflow.hardening") as tap:
        await outcome(built.run(context(metadata={"kept": 1, "nested": {"kept": 1}})))
    if seen != ["by writer"]:
        raise NotApplicable("the change is not visible to later stages")
    expect(bool(tap.with_text("Immutability violation")), "the change that the next stage sees is reported", "no report")


async def scenario(params):
    await reported(params, params["path"])


async def control(params):
    await reported(params, ["nested"])
