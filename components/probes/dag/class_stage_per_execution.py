"""A stage registered as a class is instantiated for each execution, with its configuration."""

import asyncio

from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage registered as a class is not instantiated for each execution",
    claim="A stage class is instantiated per execution, so that no state of one run is seen by another.",
    source="docs/guides/stages.md#using-instances-vs-classes",
    component="stageflow.pipeline.pipeline.Pipeline.build",
    subsystem="dag",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="What one user's request leaves in the stage object is visible to the next user's.",
    recommendation="Call the class in the stage's runner, once for every execution.",
    virtual_time=True,
)

CASES = (
    Case("one run after the other", {"at_once": False, "config": False}),
    Case("two runs at once", {"at_once": True, "config": False}),
    Case("with configuration", {"at_once": False, "config": True}),
)


def diary():
    class Diary:
        name = "diary"
        kind = None

        def __init__(self, mark="none"):
            self.notes = [mark]

        async def execute(self, ctx):
            self.notes.append(ctx.snapshot.input_text)
            await asyncio.sleep(1)
            return {"notes": list(self.notes)}

    return Diary


async def in_turn(params, first, second):
    if params["at_once"]:
        return await asyncio.gather(first(), second())
    return [await first(), await second()]


async def scenario(params):
    work = need("stageflow:StageKind").WORK
    config = {"mark": "set"} if params["config"] else None
    built = need("stageflow:Pipeline")().with_stage("diary", diary(), work, config=config).build()
    runs = [lambda text=text: built.run(context(input_text=text)) for text in ("secret of A", "B")]
    results = await in_turn(params, *runs)
    mark = "set" if params["config"] else "none"
    expect_equal([r["diary"].data["notes"] for r in results], [[mark, "secret of A"], [mark, "B"]], "what each run's stage object has seen")


async def control(params):
    mark = "set" if params["config"] else "none"

    async def one(text):
        notes = [mark, text]
        await asyncio.sleep(1)
        return notes

    results = await in_turn(params, lambda: one("secret of A"), lambda: one("B"))
    expect_equal(results, [[mark, "secret of A"], [mark, "B"]], "what each run's object has seen")
