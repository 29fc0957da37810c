"""Each run of a graph sees its own input and returns its own results, one after the other or at once."""

import asyncio

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, Violation

PROBE = Probe(
    title="Runs of one graph see each other's input or results",
    claim="Every run of a reusable graph works on its own context and returns its own results.",
    source="docs/api/pipeline.md#run",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="One user is shown another user's data.",
    recommendation="Keep everything that belongs to a run in local variables of run().",
    virtual_time=True,
)

CASES = (
    Case("5 runs in turn", {"runs": 5, "at_once": False}),
    Case("2 runs at once", {"runs": 2, "at_once": True}),
    Case("25 runs at once", {"runs": 25, "at_once": True}),
)


async def all_runs(params, one):
    numbers = range(params["runs"])
    if params["at_once"]:
        return await asyncio.gather(*[one(n) for n in numbers])
    return [await one(n) for n in numbers]


def judge_runs(found, params):
    wrong = sum(trail != [f"user {n}", f"user {n}!", f"user {n}!?"] for n, trail in enumerate(found))
    if wrong:
        raise Violation("every run to see only its own data", f"{wrong} of {params['runs']} runs saw something else")


async def scenario(params):
    async def read(ctx):
        await asyncio.sleep(int(ctx.snapshot.input_text.split()[1]) % 3)
        return {"text": ctx.snapshot.input_text}

    async def mark(ctx):
        await asyncio.sleep(1)
        return {"text": ctx.inputs.get_from("read", "text") + "!"}

    async def ask(ctx):
        return {"text": ctx.inputs.get_from("mark", "text") + "?"}

    built = graph(pipeline(("read", read), ("mark", mark, ["read"]), ("ask", ask, ["mark"])))

    async def one(number):
        results = await results_of(built.run(context(input_text=f"user {number}")))
        return [results[name].data["text"] for name in ("read", "mark", "ask")]

    judge_runs(await all_runs(params, one), params)


async def control(params):
    async def one(number):
        text = f"user {number}"
        await asyncio.sleep(1)
        return [text, text + "!", text + "!?"]

    judge_runs(await all_runs(params, one), params)
