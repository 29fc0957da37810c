"""The older executor turns whatever a stage may return into its result, and refuses the rest."""

import warnings
from datetime import UTC, datetime

from components.lab.flow import EmptyInterceptor, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageGraph turns a stage's return value into a wrong result",
    claim="A dict or None becomes a completed result, a StageResult is kept, a StageOutput keeps data, error and failure; others fail.",
    source="docs/api/core.md#stagereturn",
    component="stageflow.pipeline.dag.StageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A stage's answer is lost, a failure passes as success or a wrong return type as an answer.",
    recommendation="Normalise exactly the documented types and refuse the rest.",
)

REFUSED = ["failed"]
ROWS = {
    "dict": ["completed", {"k": [1, 2]}, None],
    "empty dict": ["completed", {}, None],
    "None": ["completed", {}, None],
    "text": REFUSED,
    "number": REFUSED,
    "list": REFUSED,
    "StageResult": ["completed", {"k": 1}, None],
    "failed StageResult": ["failed", {"k": 1}, "broken"],
    "StageOutput.ok": ["completed", {"k": 1}, None],
    "StageOutput.fail": ["failed", {"k": 1}, "broken"],
    "raised": REFUSED,
    "stopped by an interceptor": REFUSED,
}
CASES = (
    *(Case(value, {"value": value, "runner": "old"}) for value in ROWS),
    Case("no stages", {"value": "no stages", "runner": "none"}, component="stageflow.pipeline.dag.StageGraph"),
    Case("no stages, current executor", {"value": "no stages", "runner": "new"}, component="stageflow.pipeline.dag.UnifiedStageGraph"),
)


def value_of(kind):
    plain = {"dict": {"k": [1, 2]}, "empty dict": {}, "None": None, "text": "done", "number": 7, "list": [1]}
    if kind in plain:
        return plain[kind]
    if kind == "stopped by an interceptor":
        return {"k": 1}
    if kind == "raised":
        raise ValueError("broken")
    if kind == "StageOutput.ok":
        return need("stageflow:StageOutput").ok(data={"k": 1})
    if kind == "StageOutput.fail":
        return need("stageflow:StageOutput").fail(error="broken", data={"k": 1})
    status, data, error = ROWS[kind]
    now = datetime.now(UTC)
    return need("stageflow.stages.result:StageResult")(name="only", status=status, started_at=now, ended_at=now, data=data, error=error)


class Stopping(EmptyInterceptor):
    """Refuses every stage."""

    async def before(self, stage_name, ctx):
        raise need("stageflow.pipeline.interceptors:CriticalInterceptorError")("not allowed", "stopping")


def runner_of(params):
    class Runner:
        async def execute(self, ctx):
            return value_of(params["value"])

    return Runner


def told(results, error, params):
    """What the caller gets; for a refused value only that the stage has failed, since a release may raise or report that."""
    if error:
        return ["failed"] if getattr(error, "stage", None) == "only" else [type(error).__name__]
    result = results.get("only")
    if result is None:
        return ["no result"]
    return [result.status] if ROWS[params["value"]] == REFUSED else [result.status, result.data, result.error]


def refusal(make):
    try:
        make()
    except Exception as error:
        return type(error).__name__
    return "accepted"


async def scenario(params):
    warnings.simplefilter("ignore")
    dag = "stageflow.pipeline.dag"
    if params["value"] == "no stages":
        make = need(f"{dag}:{'UnifiedStageGraph' if params['runner'] == 'new' else 'StageGraph'}")
        expect_equal(refusal(lambda: make([])), "ValueError", "what making a graph without stages raises")
        return
    if params["value"].startswith("stopped"):
        need("stageflow.pipeline.interceptors:CriticalInterceptorError")
    spec = need(f"{dag}:StageSpec")(name="only", runner=runner_of(params))
    built = need(f"{dag}:StageGraph")([spec], [Stopping() if params["value"].startswith("stopped") else EmptyInterceptor()])
    seen = told(*await outcome(built.run(pipeline_context())), params)
    expect_equal(seen, ROWS[params["value"]], "[status, data, error] of the stage")


async def control(params):
    if params["value"] == "no stages":
        expect_equal(refusal(lambda: 1 / 0), "ZeroDivisionError", "what a plain refusal raises")
        return
    wanted = ROWS[params["value"]]
    if params["value"].startswith(("stopped", "raised")):
        seen = REFUSED
    else:
        value = value_of(params["value"])
        plain = value is None or isinstance(value, dict)
        status = str(getattr(getattr(value, "status", ""), "value", getattr(value, "status", "")))
        kept = [{"ok": "completed", "fail": "failed"}.get(status, status), getattr(value, "data", None), getattr(value, "error", None)]
        seen = ["completed", value or {}, None] if plain else kept if hasattr(value, "status") else REFUSED
    expect_equal(seen, wanted, "[status, data, error] of the stage")
