"""The tracker's count of relationships is the number of relationships there are."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="ChildRunTracker's total_relationships is wrong after a cleanup or a repeated registration or unregistration, even negative",
    claim="total_relationships counts the parent-child relationships that are registered.",
    source="docs/advanced/subpipelines.md#performance-monitoring",
    component="stageflow.pipeline.subpipeline.ChildRunTracker.get_metrics",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Leak alarms on this metric fire without a leak, or stay silent with one.",
    recommendation="Report len(self._parents) instead of a difference of counters.",
    workaround="Use active_children.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:ChildRunTracker.get_metrics",
)

CASES = (
    Case("registered", {"steps": ["register_child"], "expected": 1}),
    Case("unregistered", {"steps": ["register_child", "unregister_child"], "expected": 0}),
    Case("cleaned up", {"steps": ["register_child", "cleanup_run"], "expected": 0}),
    Case("unregistered twice", {"steps": ["register_child", "unregister_child", "unregister_child"], "expected": 0}),
    Case("registered twice", {"steps": ["register_child", "register_child"], "expected": 1}),
)


async def scenario(params):
    tracker = need("stageflow.pipeline.subpipeline:ChildRunTracker")()
    run, child = uuid.uuid4(), uuid.uuid4()
    for step in params["steps"]:
        await getattr(tracker, step)(*((child,) if step == "cleanup_run" else (run, child)))
    expect_equal((await tracker.get_metrics())["total_relationships"], params["expected"], "total_relationships")


async def control(params):
    links = set()
    for step in params["steps"]:
        if step == "register_child":
            links.add(("run", "child"))
        else:
            links.discard(("run", "child"))
    expect_equal(len(links), params["expected"], "total_relationships")
