"""After cleanup_run the tracker knows nothing of that run, in either direction."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="cleanup_run leaves the links from the run's children to it",
    claim="cleanup_run removes a completed run's tracking data: no other run has it as parent or child any more.",
    source="docstring:stageflow.pipeline.subpipeline.ChildRunTracker.cleanup_run",
    component="stageflow.pipeline.subpipeline.ChildRunTracker.cleanup_run",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="get_parent and get_root_run answer with a run that is gone, active_children never falls, and memory grows.",
    recommendation="Remove the children's parent entries in cleanup_run too.",
    workaround="Unregister every child before cleaning up its parent.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:ChildRunTracker.cleanup_run",
)

CASES = (
    Case("run without children", {"children": 0, "clean": "child"}),
    Case("run with a child", {"children": 1, "clean": "run"}),
    Case("run with 3 children", {"children": 3, "clean": "run"}),
)


async def scenario(params):
    tracker = need("stageflow.pipeline.subpipeline:ChildRunTracker")()
    run = uuid.uuid4()
    children = [uuid.uuid4() for _ in range(max(1, params["children"]))]
    for child in children:
        await tracker.register_child(run, child)
    await tracker.cleanup_run(run if params["clean"] == "run" else children[0])
    parents = [await tracker.get_parent(child) for child in children]
    expect_equal([len(await tracker.get_children(run)), sum(p is not None for p in parents)], [0, 0], "[links down, links up] left")


async def control(params):
    run = "run"
    links = [(run, number) for number in range(max(1, params["children"]))]
    links = [link for link in links if run not in link]
    expect_equal([len(links), len(links)], [0, 0], "[links down, links up] left")
