"""Each spawned child leads to one start event and one end event, with the ids of parent and child."""

import uuid

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Events of a spawned child are missing, doubled or carry wrong ids",
    claim="A spawn emits pipeline.spawned_child and then child_completed or child_failed, each once, with the runs' ids.",
    source="docs/advanced/subpipelines.md#subpipeline-events",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Child runs cannot be followed, or a failed one looks completed.",
    recommendation="Emit one start and one end event per spawn from the ids at hand.",
    virtual_time=True,
)

CASES = (
    Case("child works", {"fails": False, "fields": ["parent_run_id", "child_run_id", "pipeline_name"]}),
    Case("child fails", {"fails": True, "fields": ["parent_run_id", "child_run_id", "pipeline_name"]}),
)


def expected_events(params):
    return [["pipeline.spawned_child", True], ["pipeline.child_failed" if params["fails"] else "pipeline.child_completed", True]]


def told_events(sink, ids, fields):
    return [[kind, all(data.get(name) == ids[name] for name in fields)] for kind, data in sink.events]


async def scenario(params):
    sink = RecordingSink()
    need("stageflow.events:set_event_sink")(sink)

    async def runner(child):
        ids["child_run_id"] = str(child.pipeline_run_id)
        if params["fails"]:
            raise ValueError("broken")
        return {}

    parent = pipeline_context()
    ids = {"parent_run_id": str(parent.pipeline_run_id), "pipeline_name": "p"}
    await need("stageflow.pipeline.subpipeline:SubpipelineSpawner")().spawn("p", parent, uuid.uuid4(), "stage", runner)
    expect_equal(told_events(sink, ids, params["fields"]), expected_events(params), "[event, ids are right] in order")


async def control(params):
    sink = RecordingSink()
    ids = {name: str(uuid.uuid4()) for name in params["fields"]}
    for kind, _ in expected_events(params):
        sink.try_emit(type=kind, data=ids)
    expect_equal(told_events(sink, ids, params["fields"]), expected_events(params), "[event, ids are right] in order")
