"""What is not set has the default that the signature and the documentation state."""

import warnings

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="A setting that is not given does not have its stated default",
    claim="A field or argument that is left out has the default of its signature: stages are unconditional and free, limits as stated.",
    source="docs/api/pipeline.md#with_stage",
    component="stageflow.pipeline.pipeline.UnifiedStageSpec",
    subsystem="builder",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Pipelines that rely on a default run under another limit, or skip what they should run.",
    recommendation="Restore the default.",
)

RUN = "run id"
STAGE = {"dependencies": (), "conditional": False}
TABLE = (
    ("stageflow.pipeline.dag:StageSpec", {"name": "s", "runner": "r"}, STAGE),
    ("stageflow.pipeline.dag:UnifiedStageSpec", {"name": "s", "runner": "r"}, STAGE | {"kind": None}),
    ("stageflow.pipeline.pipeline:UnifiedStageSpec", {"name": "s", "runner": "r", "kind": "k"}, STAGE | {"config": {}}),
    ("stageflow.pipeline.pipeline:stage", {"name": "s", "runner": "r", "kind": "work"}, STAGE | {"config": {}}),
    ("stageflow.pipeline.spec:PipelineSpec", {"name": "s", "runner": "r"}, STAGE | {"inputs": (), "outputs": (), "args": {}}),
    ("stageflow.pipeline.pipeline:Pipeline", {}, {"name": "pipeline", "stages": {}}),
    ("stageflow.pipeline.builder:PipelineBuilder", {}, {"name": "pipeline", "stages": {}}),
    (
        "stageflow.pipeline.guard_retry:GuardRetryPolicy",
        {"retry_stage": "s"},
        {"max_attempts": 2, "stagnation_limit": 2, "hash_fields": None, "timeout_seconds": None},
    ),
    ("stageflow.pipeline.guard_retry:GuardRetryStrategy", {}, {"policies": {}}),
    ("stageflow.pipeline.dag:UnifiedStageExecutionError", {"stage": "s", "original": "e"}, {"recoverable": False}),
    ("stageflow.pipeline.dag:StageExecutionError", {"stage": "s", "original": "e"}, {"recoverable": False}),
    (
        "stageflow.pipeline.failure_tolerance:BackpressureConfig",
        {},
        {
            "max_active_stages": 10,
            "high_watermark": 0.8,
            "low_watermark": 0.3,
            "latency_threshold_ms": 5000,
            "queue_size_limit": 100,
            "shed_on_overload": False,
        },
    ),
    (
        "stageflow.pipeline.failure_tolerance:FailureRecord",
        dict.fromkeys(("stage", "error", "error_type", "recoverable"), "x"),
        {"context": {}},
    ),
    ("stageflow.pipeline.failure_tolerance:ConditionalDependency", {"stage": "s", "predicate": "a:b"}, {"skip_on_false": True}),
    ("stageflow.pipeline.subpipeline:SubpipelineSpawner", {}, {"max_depth": 5}),
    (
        "stageflow.pipeline.subpipeline:SubpipelineResult",
        {"success": True, "child_run_id": RUN},
        {"data": None, "error": None, "duration_ms": 0.0},
    ),
    (
        "stageflow.pipeline.subpipeline:PipelineCanceledEvent",
        {"pipeline_run_id": RUN},
        {"parent_run_id": None, "reason": "user_requested", "cascade_depth": 0},
    ),
    (
        "stageflow.pipeline.subpipeline:PipelineChildCompletedEvent",
        {"parent_run_id": RUN, "child_run_id": RUN, "pipeline_name": "p"},
        {"duration_ms": 0.0},
    ),
    (
        "stageflow.pipeline.subpipeline:PipelineChildFailedEvent",
        {"parent_run_id": RUN, "child_run_id": RUN, "pipeline_name": "p", "error_message": "e"},
        {"duration_ms": 0.0},
    ),
    ("stageflow.pipeline.spec:PipelineValidationError", {"message": "m"}, {"stages": [], "error_info": None}),
    (
        "stageflow.cli.lint:DependencyIssue",
        {"stage_name": "s", "message": "m", "severity": "x"},
        {"accessed_stage": None, "suggestion": None, "line_number": None},
    ),
    ("stageflow.cli.lint:DependencyLintResult", {"valid": True}, {"issues": [], "stage_count": 0, "dependency_count": 0}),
    (
        "stageflow.stages.result:StageResult",
        {"name": "s", "status": "failed", "started_at": RUN, "ended_at": RUN},
        {"data": {}, "error": None},
    ),
)
CASES = tuple(
    Case(name, {"made": name, "given": given, "defaults": defaults}, component=name.replace(":", ".")) for name, given, defaults in TABLE
)


def scenario(params):
    warnings.simplefilter("ignore")
    made = need(params["made"])(**params["given"])
    if missing := [field for field in params["defaults"] if not hasattr(made, field)]:
        raise NotApplicable(f"no {', '.join(missing)} in this release")
    seen = {field: getattr(made, field) for field in params["defaults"]}
    expect_equal(seen, dict(params["defaults"]), f"defaults of {params['made']}")


def control(params):
    plain = type("Plain", (), dict(params["defaults"]))()
    expect_equal({field: getattr(plain, field) for field in params["defaults"]}, dict(params["defaults"]), f"defaults of {params['made']}")
