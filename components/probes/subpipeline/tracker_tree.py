"""The tracker's answers agree with the tree of runs that was registered."""

import random
import uuid

from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="ChildRunTracker's answers do not agree with the registered runs",
    claim="Children, parent, descendants and root of every run are those of the registrations that are still in force.",
    source="docs/advanced/subpipelines.md#childruntracker-api",
    component="stageflow.pipeline.subpipeline.ChildRunTracker",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Cancellation misses runs or stops foreign ones.",
    recommendation="Keep both directions of the relation in step.",
    virtual_time=True,
)

CASES = tuple(Case(f"history {seed} of {size}", {"seed": seed, "size": size}) for seed, size in ((1, 5), (2, 20), (3, 60)))


def history(seed, size):
    """Register runs below random earlier ones; unregister some leaves again. Gives (step, parent, child) and the tree left."""
    dice = random.Random(seed)
    runs = [uuid.UUID(int=dice.getrandbits(128)) for _ in range(size)]
    parents, steps = {}, []
    for index in range(1, size):
        parents[runs[index]] = runs[dice.randrange(index)]
        steps.append(("register_child", parents[runs[index]], runs[index]))
        leaves = [run for run in parents if run not in parents.values()]
        if dice.random() < 0.3:
            gone = dice.choice(leaves)
            steps.append(("unregister_child", parents.pop(gone), gone))
    return runs, steps, parents


def below(run, parents):
    found = {child for child, parent in parents.items() if parent == run}
    return found.union(*[below(child, parents) for child in found]) if found else found


def root(run, parents):
    while run in parents:
        run = parents[run]
    return run


async def scenario(params):
    tracker = need("stageflow.pipeline.subpipeline:ChildRunTracker")()
    runs, steps, parents = history(params["seed"], params["size"])
    for step, parent, child in steps:
        await getattr(tracker, step)(parent, child)
    for run in runs:
        children = {child for child, parent in parents.items() if parent == run}
        wanted = [children, parents.get(run), below(run, parents), root(run, parents)]
        asked = [tracker.get_children, tracker.get_parent, tracker.get_all_descendants, tracker.get_root_run]
        for question, answer in zip(asked, wanted, strict=True):
            if await question(run) != answer:
                raise Violation(f"{question.__name__} as registered", "another answer")


async def control(params):
    runs, steps, parents = history(params["seed"], params["size"])
    kept = {}
    for step, parent, child in steps:
        if step == "register_child":
            kept[child] = parent
        else:
            del kept[child]
    if kept != parents or any(root(run, kept) != root(run, parents) for run in runs):
        raise Violation("the tree as registered", "another tree")
