"""Events of a child run carry the references to its parent."""

import uuid

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Events of child pipelines lack the documented parent references",
    claim="Events from child pipelines include parent_run_id, parent_stage_id and correlation_id.",
    source="docs/advanced/subpipelines.md#event-correlation",
    component="stageflow.stages.context.PipelineContext",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Events of delegated work cannot be joined to the request that caused them.",
    recommendation="Add the three fields in try_emit_event and record_stage_event when the context is a child's.",
    workaround="Add the ids to every event's data by hand.",
    cause="stageflow.stages.context:PipelineContext.try_emit_event #parent",
)

CASES = (Case("try_emit_event", {"method": "try_emit_event"}), Case("record_stage_event", {"method": "record_stage_event"}))


def scenario(params):
    sink = RecordingSink()
    ids = {"parent_stage_id": "tool_executor", "correlation_id": uuid.uuid4()}
    child = pipeline_context(event_sink=sink).fork(child_run_id=uuid.uuid4(), **ids)
    if params["method"] == "try_emit_event":
        child.try_emit_event(type="stream.chunk_dropped", data={})
    else:
        child.record_stage_event(stage="parse", status="completed")
    _, data = sink.events[0]
    expect_equal([name for name in ("parent_run_id", *ids) if name not in data], [], "parent references missing from a child's event")


def control(params):
    data = {"method": params["method"], "parent_run_id": "p", "parent_stage_id": "s", "correlation_id": "c"}
    names = ("parent_run_id", "parent_stage_id", "correlation_id")
    expect_equal([name for name in names if name not in data], [], "parent references missing from a child's event")
