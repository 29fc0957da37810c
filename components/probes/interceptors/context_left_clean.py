"""The default interceptors remove their private keys from the context when a stage ends."""

import asyncio

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Interceptors leave private entries in the context's data",
    claim="After a run the context's data holds what the caller put there: the default interceptors clean up in after().",
    source="docs/guides/interceptors.md#4-clean-up-in-after",
    component="stageflow.pipeline.interceptors.get_default_interceptors",
    subsystem="interceptors",
    category="silent_failures",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A second run on the same context meets leftovers of the first, such as its time-out or its lock.",
    recommendation="Pop every private key in after(), whatever the result.",
    virtual_time=True,
)

ENDS = ("ok", "fail output", "exception", "time-out")
CASES = (
    *(Case(how, {"how": how}) for how in (*ENDS, "duplicate")),
    *(Case(f"{how}, with a key", {"how": how, "key": "k"}) for how in ENDS),
)


async def scenario(params):
    async def stage(ctx):
        if params["how"] == "fail output":
            return need("stageflow:StageOutput").fail(error="no")
        if params["how"] == "exception":
            raise ValueError("no")
        if params["how"] == "time-out":
            await asyncio.sleep(99)
        return {"fine": True}

    mine = {"_timeout_ms": 1000, "note": "mine"} | ({"idempotency_key": "k"} if params["how"] == "duplicate" or params.get("key") else {})
    built, ctx = default_graph(pipeline(("stage", stage))), None
    for _ in range(2 if params["how"] == "duplicate" else 1):
        ctx = context(data=dict(mine))
        await outcome(built.run(ctx))
    expect_equal(sorted(set(ctx.data) - set(mine)), [], "entries left in the context")


async def control(params):
    ctx = context(data={"note": "mine"})
    ctx.data["_private"] = 1
    ctx.data.pop("_private")
    expect_equal(sorted(set(ctx.data) - {"note"}), [], "entries left after a pop")
