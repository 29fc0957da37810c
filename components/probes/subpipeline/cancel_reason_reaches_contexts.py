"""The reason given to cancel_with_children reaches the contexts it marks."""

import uuid

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="cancel_with_children(reason=…) marks the contexts with another reason",
    claim="The contexts that cancel_with_children marks carry the reason that it was given.",
    source="docs/advanced/subpipelines.md#methods",
    component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
    subsystem="subpipeline",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Stages, results and logs of the cancelled runs say 'Cancellation requested' instead of the cause.",
    recommendation="Call mark_canceled(reason).",
    workaround="Call mark_canceled(reason) on every context first.",
    virtual_time=True,
    cause="stageflow.pipeline.subpipeline:SubpipelineSpawner.cancel_with_children #reason",
)

CASES = (Case("run", {"of": "run", "reason": "timeout"}), Case("child", {"of": "child", "reason": "budget used up"}))


async def scenario(params):
    need("stageflow.stages.context:PipelineContext.raise_if_cancelled")
    module = "stageflow.pipeline.subpipeline"
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)
    run = pipeline_context()
    child = run.fork(child_run_id=uuid.uuid4(), parent_stage_id="stage", correlation_id=uuid.uuid4())
    await tracker.register_child(run.pipeline_run_id, child.pipeline_run_id)
    contexts = {run.pipeline_run_id: run, child.pipeline_run_id: child}
    await spawner.cancel_with_children(run.pipeline_run_id, reason=params["reason"], contexts=contexts)
    marked = run if params["of"] == "run" else child
    expect_equal([marked.is_canceled, marked.cancellation_reason], [True, params["reason"]], "[cancelled, reason] of the context")


async def control(params):
    run = pipeline_context()
    run.mark_canceled(params["reason"])
    expect_equal([run.is_canceled, run.cancellation_reason], [True, params["reason"]], "[cancelled, reason] of the context")
