"""stage_names() lists all stages of a valid pipeline, dependencies first."""

from components.lab.dag_kit import plain_pipeline, random_edges
from components.lab.probe import Case, Probe, Violation

PROBE = Probe(
    title="stage_names() is not a topological order of all stages",
    claim="stage_names() returns every stage once, after all of its dependencies.",
    source="docstring:stageflow.pipeline.pipeline.Pipeline.stage_names",
    component="stageflow.pipeline.pipeline.Pipeline.stage_names",
    subsystem="builder",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tools that walk the stages in this order work on stages before their inputs.",
    recommendation="Sort by Kahn's algorithm over all stages.",
)

CASES = tuple(Case(f"seed {seed}, {size} stages", {"seed": seed, "size": size}) for seed, size in ((31, 1), (32, 5), (33, 20), (34, 60)))


async def body(ctx):
    return {}


def judge_names(names, rows):
    place = {name: index for index, name in enumerate(names)}
    if sorted(names) != sorted(name for name, _ in rows):
        raise Violation(f"each of the {len(rows)} stages once", "another list")
    if any(place[dep] > place[name] for name, after in rows for dep in after):
        raise Violation("dependencies before the stages that need them", "a stage before its dependency")


def scenario(params):
    rows = random_edges(**params)
    judge_names(plain_pipeline(rows, body).stage_names(), rows)


def control(params):
    rows = random_edges(**params)
    names = sorted((name for name, _ in rows), key=lambda name: int(name[1:]))  # random_edges numbers stages in such an order
    judge_names(names, rows)
