"""A context that was made without ids forks children that know that they are children."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A child forked in a run without an explicit pipeline_run_id does not count as a child run",
    claim="fork() gives a child run: is_child_run is true, also when the run was started without explicit ids.",
    source="docs/guides/context.md#pipelinecontext",
    component="stageflow.stages.context.PipelineContext.is_child_run",
    subsystem="subpipeline",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Under Pipeline.run(input_text=…) sub-pipelines are not tracked: no spawn events, no cancellation cascade, no parent.",
    recommendation="Generate a pipeline_run_id in PipelineContext.create() when none is given.",
    workaround="Pass pipeline_run_id=uuid4() to every context.",
    virtual_time=True,
    cause="stageflow.stages.context:PipelineContext.create",
)

CASES = (Case("explicit id", {"explicit": True}), Case("no ids", {"explicit": False}))


async def scenario(params):
    ids = {"pipeline_run_id": uuid.uuid4()} if params["explicit"] else {}
    parent = need("stageflow:PipelineContext.create")(topology="probe", **ids)
    child = parent.fork(child_run_id=uuid.uuid4(), parent_stage_id="stage", correlation_id=uuid.uuid4())
    expect_equal(child.is_child_run, True, "is_child_run of a forked context")


async def control(params):
    parent = {"run": uuid.uuid4()}
    child = {"run": uuid.uuid4(), "parent": parent["run"], "explicit": params["explicit"]}
    expect_equal(child["parent"] is not None, True, "is_child_run of a forked context")
