"""The tracker's counters count each operation once, and reset_metrics sets them to zero."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A counter of ChildRunTracker does not count its operation once",
    claim="Each tracker operation raises its own counter by one; reset_metrics sets the counters to zero.",
    source="docs/advanced/subpipelines.md#automatic-metrics-logging",
    component="stageflow.pipeline.subpipeline.ChildRunTracker.get_metrics",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Dashboards of sub-pipelines show wrong numbers.",
    recommendation="Increment exactly one counter per operation.",
    virtual_time=True,
)

OPERATIONS = {
    "register_child": ("registration_count", 2),
    "unregister_child": ("unregistration_count", 2),
    "get_children": ("lookup_count", 1),
    "get_parent": ("lookup_count", 1),
    "get_root_run": ("lookup_count", 1),
    "get_all_descendants": ("tree_traversal_count", 1),
    "cleanup_run": ("cleanup_count", 1),
}
CASES = tuple(Case(name, {"operation": name}) for name in OPERATIONS)


async def scenario(params):
    tracker = need("stageflow.pipeline.subpipeline:ChildRunTracker")()
    counter, arguments = OPERATIONS[params["operation"]]
    counters = sorted({name for name, _ in OPERATIONS.values()})
    seen = []
    for _ in range(3):
        await getattr(tracker, params["operation"])(*[uuid.uuid4() for _ in range(arguments)])
        metrics = await tracker.get_metrics()
        seen.append([metrics[counter], sum(metrics[name] for name in counters)])
    await tracker.reset_metrics()
    metrics = await tracker.get_metrics()
    seen.append([metrics[counter], sum(metrics[name] for name in counters)])
    expect_equal(seen, [[1, 1], [2, 2], [3, 3], [0, 0]], f"[{counter}, all counters] after each call and after a reset")


async def control(params):
    counters = dict.fromkeys((name for name, _ in OPERATIONS.values()), 0)
    counter, _ = OPERATIONS[params["operation"]]
    seen = []
    for _ in range(3):
        counters[counter] += 1
        seen.append([counters[counter], sum(counters.values())])
    seen.append([0, 0])
    expect_equal(seen, [[1, 1], [2, 2], [3, 3], [0, 0]], f"[{counter}, all counters] after each call and after a reset")
