"""The path in a cycle error is a real cycle of the pipeline."""

import random
from itertools import pairwise

from components.lab.dag_kit import plain_pipeline, random_edges
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="The cycle that CycleDetectedError reports is not one of the pipeline",
    claim="cycle_path begins and ends with the same stage, and each stage in it depends on the next.",
    source="docstring:stageflow.pipeline.spec.CycleDetectedError",
    component="stageflow.pipeline.spec.CycleDetectedError",
    subsystem="builder",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Developers look for the mistake in the wrong stages.",
    recommendation="Cut the path at the first occurrence of the repeated stage.",
)

CASES = tuple(Case(f"seed {seed}, {size} stages", {"seed": seed, "size": size}) for seed, size in ((1, 3), (2, 6), (3, 12), (4, 25)))


def circular(seed, size):
    """A random graph with one edge added that closes a circle."""
    dice = random.Random(seed)
    rows = [(name, list(after)) for name, after in random_edges(seed, size)]
    after = dict(rows)
    last = max(after, key=lambda name: len(after[name]))
    first = last
    while after[first]:
        first = dice.choice(after[first])
    after[first].append(last)
    return rows


def judge_path(path, rows):
    after = dict(rows)
    closed = len(path) > 1 and path[0] == path[-1]
    linked = all(second in after[first] for first, second in pairwise(path))
    if not (closed and linked):
        raise Violation("a closed path along dependencies", "another list of stages")


async def body(ctx):
    return {}


def scenario(params):
    need("stageflow.pipeline.validation")  # before that build() looked for no cycle at all, which invalid_refused tells
    error_class = need("stageflow.pipeline.spec:CycleDetectedError")
    rows = circular(**params)
    try:
        plain_pipeline(rows, body).build()
    except error_class as error:
        judge_path(list(error.cycle_path), rows)
    else:
        raise Violation("CycleDetectedError", "no error")


def control(params):
    rows = circular(**params)
    after = dict(rows)

    def search(name, path):
        if name in path:
            return [*path[path.index(name) :], name]
        return next((found for dep in after[name] if (found := search(dep, [*path, name]))), None)

    judge_path(next(found for name in after if (found := search(name, []))), rows)
