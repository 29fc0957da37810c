"""cancel_with_children cancels a run and all runs below it, each once, children before parents."""

import uuid

from components.lab.flow import RecordingSink
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="cancel_with_children does not cancel exactly the run and all runs below it",
    claim="A run and all of its descendants are cancelled depth-first, each once and with one event; others are not.",
    source="docs/advanced/subpipelines.md#methods",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Child runs go on after their parent was cancelled, or foreign runs stop.",
    recommendation="Walk the tracker's children recursively before marking the run itself.",
    virtual_time=True,
)

CASES = (
    Case("single run", {"tree": {"a": None, "z": None}, "cancel": "a", "expected": ["a"]}),
    Case("chain", {"tree": {"a": None, "b": "a", "c": "b", "z": None}, "cancel": "a", "expected": ["c", "b", "a"]}),
    Case("two children", {"tree": {"a": None, "b": "a", "c": "a", "z": None}, "cancel": "a", "expected": ["a", "b", "c"], "sorted": True}),
    Case("part of a tree", {"tree": {"a": None, "b": "a", "c": "b", "d": "a"}, "cancel": "b", "expected": ["c", "b"]}),
)


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    sink = RecordingSink()
    need("stageflow.events:set_event_sink")(sink)
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)
    ids = {name: uuid.uuid4() for name in params["tree"]}
    names = {value: name for name, value in ids.items()}
    for child, parent in params["tree"].items():
        if parent:
            await tracker.register_child(ids[parent], ids[child])
    returned = [names[run] for run in await spawner.cancel_with_children(ids[params["cancel"]], reason="stop")]
    marked = [name for name in sorted(ids) if await spawner.is_canceled(ids[name])]
    events = [names[uuid.UUID(data["pipeline_run_id"])] for data in sink.of("pipeline.canceled")]
    if params.get("sorted"):
        returned, events = sorted(returned), sorted(events)
    seen = [returned, marked, events]
    expect_equal(seen, [params["expected"], sorted(params["expected"]), params["expected"]], "[returned, is_canceled, events]")


async def control(params):
    order = []

    def cancel(run):
        for child, parent in params["tree"].items():
            if parent == run:
                cancel(child)
        order.append(run)

    cancel(params["cancel"])
    order = sorted(order) if params.get("sorted") else order
    expect_equal(
        [order, sorted(order), order], [params["expected"], sorted(params["expected"]), params["expected"]], "[returned, marked, events]"
    )
