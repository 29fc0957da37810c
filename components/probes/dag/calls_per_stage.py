"""The work done per stage does not grow with the number of stages."""

import asyncio

from components.lab.dag_kit import calls_during, plain_dag
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect

PROBE = Probe(
    title="The executor's work per stage grows with the size of the graph",
    claim="Running four times as many stages takes about four times as many steps.",
    source="invariant:complexity",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="scalability",
    type="performance",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Large graphs become unusably slow.",
    recommendation="Do constant work per stage and edge.",
    seconds=30.0,
)

CASES = (Case("chain", {"shape": "chain"}), Case("fan-out", {"shape": "fan-out"}), Case("fan-in", {"shape": "fan-in"}))
SMALL, LARGE = 60, 240


def rows_of(shape, size):
    async def body(_):
        return {"n": 1}

    last = f"s{size - 1}"
    rows = []
    for n in range(size):
        name = f"s{n}"
        chain = [f"s{n - 1}"] if n else []
        fan_in = [f"s{k}" for k in range(n)] if name == last else []
        rows.append((name, body, {"chain": chain, "fan-out": ["s0"] if n else [], "fan-in": fan_in}[shape]))
    return rows


def cost(work):
    """Calls that driving a coroutine to its end takes; it must not have to wait."""
    loop = asyncio.new_event_loop()
    return calls_during(lambda: loop.run_until_complete(work))


def judge_growth(small, large):
    expect(large <= 8 * small, f"at most 8 times the calls for {LARGE // SMALL} times the stages", "more than that")


def measure(make):
    cost(make(SMALL))  # first run imports and caches
    return cost(make(SMALL)), cost(make(LARGE))


def scenario(params):
    judge_growth(*measure(lambda size: graph(pipeline(*rows_of(params["shape"], size)), []).run(context())))


def control(params):
    judge_growth(*measure(lambda size: plain_dag(rows_of(params["shape"], size))))
