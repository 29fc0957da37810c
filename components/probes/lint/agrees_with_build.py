"""A pipeline lints as valid exactly when it can be built."""

import random

from components.lab.dag_kit import plain_pipeline, raised_by, random_edges
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="lint_pipeline and Pipeline.build() disagree about a pipeline",
    claim="What the linter calls valid builds, and what it calls invalid is refused by build().",
    source="docs/guides/dependencies.md#dependency-linting",
    component="stageflow.cli.lint.lint_pipeline",
    subsystem="lint",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The CI check passes pipelines that fail at start-up, or blocks sound ones.",
    recommendation="Use the same validation in both.",
)

CASES = tuple(Case(f"40 graphs, seed {seed}", {"seed": seed, "count": 40}) for seed in (1, 2, 3))


async def body(ctx):
    return {}


def damaged(seed):
    """A random graph, in half of the cases with one edge added that closes a circle or leads nowhere."""
    dice = random.Random(seed)
    rows = [(name, list(after)) for name, after in random_edges(seed, dice.randint(2, 7))]
    kind = dice.choice(["sound", "sound", "missing", "self", "back"])
    name, after = dice.choice(rows)
    if kind == "missing":
        after.append("nobody")
    elif kind == "self":
        after.append(name)
    elif kind == "back":
        after.append(dice.choice(rows)[0])
    return rows


def buildable(rows):
    left = dict(rows)
    ended = set()
    while ready := [name for name, after in left.items() if ended.issuperset(after)]:
        ended.update(ready)
        for name in ready:
            del left[name]
    return not left


def scenario(params):
    need("stageflow.pipeline.validation")  # before that build() checked nothing, which the probe builder/invalid_refused tells
    lint = need("stageflow.cli.lint:lint_pipeline")
    differ = 0
    for number in range(params["count"]):
        pipe = plain_pipeline(damaged(params["seed"] * 1000 + number), body)
        differ += lint(pipe).valid != (raised_by(pipe.build) == "nothing")
    if differ:
        raise Violation("the same verdict for every graph", f"different verdicts for {differ} of {params['count']}")


def control(params):
    differ = 0
    for number in range(params["count"]):
        rows = damaged(params["seed"] * 1000 + number)
        differ += buildable(rows) != buildable(list(reversed(rows)))
    if differ:
        raise Violation("the same verdict for every graph", f"different verdicts for {differ} of {params['count']}")
