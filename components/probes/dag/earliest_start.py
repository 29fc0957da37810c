"""A stage starts as soon as its own dependencies have ended; nothing else holds it up."""

import asyncio

from components.lab.dag_kit import earliest_starts, plain_dag, random_edges, results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, Violation

PROBE = Probe(
    title="A stage whose dependencies have ended is held up by unrelated stages",
    claim="Stages run as soon as their dependencies resolve, enabling maximum parallelism.",
    source="docs/index.md#key-features",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="performance",
    type="performance",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Every request takes as long as the slowest unrelated branch of each level.",
    recommendation="Wait for the first task that ends, and start everything that has become ready.",
    virtual_time=True,
)

FAST_AND_SLOW = [["fast", []], ["slow", []], ["after fast", ["fast"]], ["join", ["after fast", "slow"]]]

CASES = (
    Case("40 independent stages", {"rows": [[f"s{n}", []] for n in range(40)]}),
    Case("a fast and a slow branch", {"rows": FAST_AND_SLOW}),
    Case("random graph of 12", {"seed": 21, "size": 12}),
    Case("random graph of 40", {"seed": 22, "size": 40}),
)


def timed(params, clock):
    rows = params["rows"] if "rows" in params else random_edges(params["seed"], params["size"])
    seconds = {name: 0.5 + 3 * (("slow" in name) or index % 5) for index, (name, _) in enumerate(rows)}
    began = {}

    def make(name):
        async def body(_):
            began[name] = clock()
            await asyncio.sleep(seconds[name])
            return {}

        return body

    return [(name, make(name), tuple(after)) for name, after in rows], seconds, began


def judge_starts(steps, seconds, began, zero):
    ideal = earliest_starts([(name, after) for name, _, after in steps], seconds)
    late = sum(began[name] - zero > ideal[name] + 0.25 for name in ideal)
    if late:
        raise Violation("every stage to start when its last dependency ends", f"{late} of {len(ideal)} stages start later")


async def scenario(params):
    clock = asyncio.get_running_loop().time
    steps, seconds, began = timed(params, clock)
    zero = clock()
    await results_of(graph(pipeline(*steps)).run(context()))
    judge_starts(steps, seconds, began, zero)


async def control(params):
    clock = asyncio.get_running_loop().time
    steps, seconds, began = timed(params, clock)
    zero = clock()
    await plain_dag(steps)
    judge_starts(steps, seconds, began, zero)
