"""The result of a pipeline runner tells how the run ended and what its stages gave."""

from components.lab.flow import pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A RunResult tells another outcome than the run had",
    claim="success, error, error_type, cancelled, cancel_reason, stages and pipeline_run_id of a RunResult are those of "
    "the run, in to_dict() too.",
    source="docstring:stageflow.helpers.run_utils.RunResult",
    component="stageflow.helpers.PipelineRunner.run",
    subsystem="observability",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A failed run is reported as a success, or its result is lost.",
    recommendation="Fill the result from the run's outcome on each way out.",
)

CASES = (
    Case("completed", {"how": "ok", "result": {"success": True, "stages": {"first": {"n": 1}, "last": {"n": 2}}, "cancelled": False}}),
    Case("reported failure", {"how": "fail", "result": {"success": False, "error_type": "UnifiedStageExecutionError", "cancelled": False}}),
    Case("raised error", {"how": "raise", "result": {"success": False, "error_type": "UnifiedStageExecutionError", "cancelled": False}}),
    Case("cancelled", {"how": "cancel", "result": {"cancelled": True, "cancel_reason": "enough", "error": None}}),
    Case("skipped", {"how": "skip", "result": {"success": True, "cancelled": False, "error": None}}),
    Case("built graph", {"how": "ok", "built": True, "result": {"success": True, "stages": {"first": {"n": 1}, "last": {"n": 2}}}}),
)


async def give(ctx, how, n):
    output = need("stageflow:StageOutput")
    if how == "raise":
        raise ValueError("broken")
    made = {
        "fail": lambda: output.fail(error="broken"),
        "cancel": lambda: output.cancel(reason="enough"),
        "skip": lambda: output.skip(reason="no"),
    }
    return made.get(how, lambda: output.ok(n=n))()


def verdict(result, told, params):
    wanted = params["result"]
    expect_equal({name: getattr(result, name) for name in wanted}, wanted, "fields of the result")
    expect_equal(
        {name: told.get(name) for name in ("success", "stages")}, {"success": result.success, "stages": result.stages}, "to_dict()"
    )
    failed = params["how"] in ("fail", "raise")
    expect_equal(
        ["broken" in (result.error or ""), "broken" in told.get("error", "")],
        [failed, failed],
        "the error's text is in error and in to_dict()",
    )


@promised
async def scenario(params):
    pipe = pipeline(("first", lambda ctx: give(ctx, "ok", 1)), ("last", lambda ctx: give(ctx, params["how"], 2), ("first",)))
    runner = need("stageflow.helpers:PipelineRunner")(verbose=False)
    run_id = need("stageflow.helpers:PipelineRunner.create_snapshot")(runner).pipeline_run_id
    result = await runner.run(pipe.build() if params.get("built") else pipe, input_text="hello", pipeline_run_id=run_id)
    expect_equal([result.pipeline_run_id == run_id, result.duration_ms >= 0], [True, True], "[own run id, duration]")
    verdict(result, result.to_dict(), params)


async def control(params):
    result = need("stageflow.helpers:RunResult")
    failed = params["how"] in ("fail", "raise")
    made = result(**({"success": not failed, "error": "broken" if failed else None} | params["result"]))
    verdict(made, {"success": made.success, "stages": made.stages, "error": made.error or ""}, params)
