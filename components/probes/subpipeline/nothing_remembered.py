"""A spawner forgets runs that are over: its memory does not grow with the number of runs."""

import uuid

from components.lab.dag_kit import reachable
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="SubpipelineSpawner keeps something of every run",
    claim="What a spawner remembers does not grow with the number of finished runs.",
    source="invariant:no leak",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="The global spawner of a long-lived service grows for as long as the process lives.",
    recommendation="Drop a run's entries when it has ended, or bound them.",
    workaround="Replace the spawner from time to time with set_subpipeline_spawner().",
    virtual_time=True,
)

CASES = (
    Case("children that work", {"how": "work", "runs": 300}),
    Case("children that fail", {"how": "fail", "runs": 300}),
    Case(
        "cancelled runs",
        {"how": "cancel", "runs": 3000},
        title="SubpipelineSpawner remembers every cancelled run for ever",
        component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
        cause="stageflow.pipeline.subpipeline:SubpipelineSpawner.cancel_with_children #memory",
    ),
)


async def scenario(params):
    module = "stageflow.pipeline.subpipeline"
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker, emit_events=False)

    async def runner(child):
        if params["how"] == "fail":
            raise ValueError("broken")
        return {}

    async def batch():
        for _ in range(params["runs"]):
            if params["how"] == "cancel":
                await spawner.cancel_with_children(uuid.uuid4())
            else:
                await spawner.spawn("p", pipeline_context(), uuid.uuid4(), "stage", runner)
        return reachable(spawner, uuid.UUID)

    first = await batch()
    second = await batch()
    expect(second - first < params["runs"] // 10, "as many ids remembered after twice the runs", "an id more for every run")


async def control(params):
    remembered = {}
    for _ in range(params["runs"]):
        key = uuid.uuid4()
        remembered[key] = True
        del remembered[key]
    expect(reachable(remembered, uuid.UUID) < params["runs"] // 10, "no ids remembered", "an id for every run")
