"""Every stage runs exactly once, and only after all of its dependencies have ended."""

import asyncio

from components.lab.dag_kit import plain_dag, random_edges, results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A stage starts before its dependencies have ended, or does not run exactly once",
    claim="Stages run once, after every stage named in their dependencies has completed.",
    source="docs/guides/dependencies.md#declaring-dependencies",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage works on data that is not there yet, or a side effect happens twice or never.",
    recommendation="Schedule a stage once, when its last dependency has been recorded.",
    virtual_time=True,
)

CASES = tuple(Case(f"graph {seed} of {size}", {"seed": seed, "size": size}) for seed, size in ((1, 4), (2, 8), (3, 15), (4, 30), (5, 60)))


def bodies(rows):
    ended = {name: 0 for name, _ in rows}
    early = []

    def make(name, after, pause):
        async def body(_):
            early.extend(dep for dep in after if not ended[dep])
            await asyncio.sleep(pause)
            ended[name] += 1
            return {}

        return body

    steps = [(name, make(name, after, (len(name) + index) % 4), after) for index, (name, after) in enumerate(rows)]
    return steps, ended, early


def judge_order(ended, early):
    seen = (len(early), sorted(set(ended.values())))
    expect_equal(seen, (0, [1]), "(dependencies that had not ended at a start, how often a stage ran)")


async def scenario(params):
    steps, ended, early = bodies(random_edges(**params))
    await results_of(graph(pipeline(*steps)).run(context()))
    judge_order(ended, early)


async def control(params):
    steps, ended, early = bodies(random_edges(**params))
    await plain_dag(steps)
    judge_order(ended, early)
