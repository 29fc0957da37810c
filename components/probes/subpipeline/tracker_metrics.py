"""Every number that the tracker reports is the one that the calls so far lead to."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A metric of ChildRunTracker is not what the tracker was told",
    claim="get_metrics() reports the operations done, the most children one parent had at once and the active parents and children.",
    source="docs/advanced/subpipelines.md#childruntracker-metrics",
    component="stageflow.pipeline.subpipeline.ChildRunTracker.get_metrics",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Dashboards and limits built on these numbers are wrong.",
    recommendation="Update each number where the tree changes, and start and reset all of them at zero.",
    virtual_time=True,
)

STEPS = (
    ("nothing", []),
    ("one child", [["add", "a", "b"]]),
    ("three children, two gone", [["add", "a", "b"], ["add", "a", "c"], ["add", "a", "d"], ["drop", "a", "b"], ["drop", "a", "c"]]),
    ("two parents", [["add", "a", "b"], ["add", "c", "d"], ["drop", "a", "b"], ["add", "c", "e"]]),
    ("only child cleaned up", [["add", "a", "b"], ["clean", "b"]]),
    ("one of two cleaned up", [["add", "a", "b"], ["add", "a", "c"], ["clean", "b"]]),
    ("reset", [["add", "a", "b"], ["add", "a", "c"], ["look", "a"], ["clean", "b"], ["reset"]]),
    ("root asked for", [["add", "a", "b"], ["add", "b", "c"], ["root", "c"]]),
    ("root asked for, then reset", [["add", "a", "b"], ["root", "b"], ["reset"]]),
    ("after a reset", [["add", "a", "b"], ["reset"], ["add", "c", "d"], ["tree", "c"], ["drop", "c", "d"], ["look", "a"]]),
)
CASES = tuple(Case(name, {"steps": steps}) for name, steps in STEPS)
CALLS = {
    "add": "register_child",
    "drop": "unregister_child",
    "clean": "cleanup_run",
    "look": "get_children",
    "up": "get_parent",
    "root": "get_root_run",
    "tree": "get_all_descendants",
    "reset": "reset_metrics",
}
COUNTERS = {
    "add": "registration_count",
    "drop": "unregistration_count",
    "clean": "cleanup_count",
    "look": "lookup_count",
    "up": "lookup_count",
    "root": "lookup_count",
    "tree": "tree_traversal_count",
}


def strategy():
    from hypothesis import strategies as st

    names = list("abcdef")
    edges = st.tuples(st.integers(0, 4), st.integers(1, 5)).map(lambda pair: [names[min(pair)], names[max(pair[0] + 1, pair[1])]])
    step = st.one_of(
        edges.map(lambda pair: ["add", *pair]),
        edges.map(lambda pair: ["drop", *pair]),
        st.tuples(st.sampled_from(["look", "up", "root", "tree"]), st.sampled_from(names)).map(list),
        st.just(["reset"]),
    )
    return st.fixed_dictionaries({"steps": st.lists(step, max_size=14)})


class Model:
    """The tree of runs as told, and the numbers that follow."""

    def __init__(self):
        self.parents = {}
        self.counts = dict.fromkeys(COUNTERS.values(), 0)
        self.most = 0
        self.deepest = 0

    def children(self, parent):
        return [child for child, above in self.parents.items() if above == parent]

    def play(self, step, first="", second=""):
        if step == "reset":
            self.counts, self.most, self.deepest = dict.fromkeys(self.counts, 0), 0, 0
            return
        self.counts[COUNTERS[step]] += 1
        if step == "add":
            self.parents[second] = first
            self.most = max(self.most, len(self.children(first)))
        elif step == "drop":
            self.parents.pop(second, None)
        elif step == "clean":
            self.parents.pop(first, None)
        elif step == "root":
            depth = 0
            while first in self.parents:
                first, depth = self.parents[first], depth + 1
            self.deepest = max(self.deepest, depth)

    def metrics(self):
        active = {"active_parents": len(set(self.parents.values())), "active_children": len(self.parents)}
        return self.counts | active | {"max_concurrent_children": self.most, "max_depth_seen at least": self.deepest}


def sound(steps):
    """The steps that make sense: nobody has two parents, only children are dropped from their own parent."""
    model, kept = Model(), []
    for step in steps:
        name, *runs = step
        if name == "add" and runs[1] in model.parents:
            continue
        if name == "drop" and model.parents.get(runs[1]) != runs[0]:
            continue
        model.play(*step)
        kept.append(step)
    return kept, model.metrics()


def deepest_possible(steps):
    """An upper bound of the depth that a tracker may have noticed: a release may look when a child is added, not only on request."""
    resets = [at for at, (name, *_) in enumerate(steps) if name == "reset"]
    return sum(name == "add" for name, *_ in steps) if any(name == "add" for name, *_ in steps[resets[-1] + 1 if resets else 0 :]) else 0


async def scenario(params):
    tracker = need("stageflow.pipeline.subpipeline:ChildRunTracker")()
    ids = {name: uuid.uuid4() for name in "abcdef"}
    steps, wanted = sound(params["steps"])
    for name, *runs in steps:
        await getattr(tracker, CALLS[name])(*[ids[run] for run in runs])
    told = await tracker.get_metrics()
    seen = {name: told.get(name, "missing") for name in wanted if " " not in name}
    bound, depth = wanted["max_depth_seen at least"], told.get("max_depth_seen", "missing")
    right = bound if depth in range(bound, max(bound, deepest_possible(steps)) + 1) else depth
    expect_equal(seen | {"max_depth_seen at least": right}, wanted, "metrics")


async def control(params):
    steps, wanted = sound(params["steps"])
    model = Model()
    for step in steps:
        model.play(*step)
    expect_equal(model.metrics(), wanted, "metrics")
