"""Each run that cancel_with_children cancels is announced with its parent, the reason and its distance from the first one."""

import uuid

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A pipeline.canceled event tells a wrong parent, reason or depth, or a context is not marked",
    claim="Every cancelled run has one pipeline.canceled event with its parent, the given reason and its depth below the first run.",
    source="docs/advanced/subpipelines.md#subpipeline-events",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Cancelled work cannot be traced to its cause, or goes on because its context was not marked.",
    recommendation="Start at depth 0, add one for each level and mark every context that was handed in.",
    virtual_time=True,
)

ALONE = {"a": None}
TREE = {"a": None, "b": "a", "c": "b", "d": "a"}
CASES = (
    Case("alone", {"tree": ALONE, "first": "a", "reason": "stop", "contexts": ["a"]}),
    Case("default reason", {"tree": ALONE, "first": "a", "reason": None, "contexts": ["a"]}),
    Case("tree", {"tree": TREE, "first": "a", "reason": "stop", "contexts": ["a", "b", "c", "d"]}),
    Case("below the root", {"tree": TREE, "first": "b", "reason": "time is up", "contexts": ["a", "b", "c"]}),
    Case("some contexts", {"tree": TREE, "first": "a", "reason": "stop", "contexts": ["c"]}),
    Case("contexts of others", {"tree": TREE, "first": "b", "reason": "stop", "contexts": ["d"]}),
    Case("no contexts", {"tree": TREE, "first": "a", "reason": "stop", "contexts": []}),
    Case("no events", {"tree": TREE, "first": "a", "reason": "stop", "contexts": ["b"], "silent": True}),
)


def depth_below(name, tree, first):
    """Levels from `first` down to a run; None for a run that is not below it."""
    depth = 0
    while name != first:
        if name is None:
            return None
        name, depth = tree[name], depth + 1
    return depth


def wanted(params):
    tree, first, reason = params["tree"], params["first"], params["reason"] or "user_requested"
    below = {name: depth_below(name, tree, first) for name in tree}
    cancelled = [name for name in sorted(tree) if below[name] is not None]
    events = [] if params.get("silent") else [[name, tree[name], reason, below[name]] for name in cancelled]
    return [events, [name for name in sorted(params["contexts"]) if name in cancelled]]


def told(data, names):
    run, parent = data.get("pipeline_run_id"), data.get("parent_run_id")
    return [names.get(run, run), names.get(parent, parent), data.get("reason"), data.get("cascade_depth")]


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    sink = RecordingSink()
    need("stageflow.events:set_event_sink")(sink)
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker, emit_events=not params.get("silent"))
    contexts = {name: pipeline_context() for name in params["tree"]}
    ids = {name: run.pipeline_run_id for name, run in contexts.items()}
    for child, parent in params["tree"].items():
        if parent:
            await tracker.register_child(ids[parent], ids[child])
    given = {ids[name]: contexts[name] for name in params["contexts"]}
    reason = {"reason": params["reason"]} if params["reason"] else {}
    try:
        await spawner.cancel_with_children(ids[params["first"]], contexts=given, **reason)
    except Exception as error:
        expect_equal(type(error).__name__, "no exception", "what cancel_with_children raises")
    names = {str(value): name for name, value in ids.items()}
    events = sorted(told(data, names) for data in sink.of("pipeline.canceled"))
    marked = [name for name in sorted(contexts) if contexts[name].canceled]
    expect_equal([events, marked], wanted(params), "[[run, parent, reason, depth] of each event, marked contexts]")


async def control(params):
    events, marked = [], set()

    def cancel(name, depth):
        for child, parent in params["tree"].items():
            if parent == name:
                cancel(child, depth + 1)
        marked.add(name)
        run, parent = uuid.uuid4(), params["tree"][name]
        names = {str(run): name}
        data = {
            "pipeline_run_id": str(run),
            "parent_run_id": parent,
            "reason": params["reason"] or "user_requested",
            "cascade_depth": depth,
        }
        if not params.get("silent"):
            events.append(told(data, names))

    cancel(params["first"], 0)
    expect_equal(
        [sorted(events), sorted(marked & set(params["contexts"]))], wanted(params), "[[run, parent, reason, depth] of each event, marked]"
    )
