"""However a stage fails, also in the executor's own hands, the run raises one error that names the stage and says why."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage that fails by its return value or in an interceptor ends the run with another error than one that raises",
    claim="A failed run raises UnifiedStageExecutionError with the stage's name and the reason, whatever made the stage fail.",
    source="docs/guides/pipelines.md#stage-failures",
    component="stageflow.pipeline.dag.UnifiedStageExecutionError",
    subsystem="dag",
    category="reliability",
    type="bug",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Handlers for failed stages miss some failures, or cannot tell which stage it was.",
    recommendation="Wrap every failure of a stage in UnifiedStageExecutionError(stage, original).",
    virtual_time=True,
)

CASES = (
    Case("raises", {"how": "raises", "reason": "cause 4711"}),
    Case("returns a failure", {"how": "fails", "reason": "cause 4711"}),
    Case("returns a failure without a text", {"how": "fails silently", "reason": ""}),
    Case("returns text", {"how": "text", "reason": "str"}),
    Case("returns a number", {"how": "number", "reason": "int"}),
    Case("interceptor says stop before", {"how": "critical before", "reason": "cause 4711"}),
    Case("interceptor says stop after", {"how": "critical after", "reason": "cause 4711"}),
)


class Critical(EmptyInterceptor):
    """Refuses one stage, before or after it has run."""

    name = "critical"
    priority = 1

    def __init__(self, when):
        self.when = when

    def refuse(self, stage_name, when):
        if stage_name == "broken" and self.when == when:
            raise need("stageflow.pipeline.interceptors:CriticalInterceptorError")("cause 4711", "critical")

    async def before(self, stage_name, ctx):
        self.refuse(stage_name, "before")

    async def after(self, stage_name, result, ctx):
        self.refuse(stage_name, "after")


async def scenario(params):
    how, ran = params["how"], []

    async def fine(ctx):
        return {}

    async def behind(ctx):
        ran.append("behind")

    async def broken(ctx):
        if how == "raises":
            raise ValueError("cause 4711")
        if how.startswith("fails"):
            return need("stageflow:StageOutput").fail(error="" if "silently" in how else "cause 4711")
        return {"text": "done", "number": 7}.get(how, {})

    rows = [("first", fine), ("broken", broken, ["first"]), ("behind", behind, ["broken"])]
    interceptors = [Critical(how.split()[-1])] if how.startswith("critical") else []
    if interceptors:
        need("stageflow.pipeline.interceptors:CriticalInterceptorError")
    _, error = await outcome(graph(pipeline(*rows), interceptors).run(context()))
    text = f"{error} {getattr(error, 'original', '')}"
    seen = [type(error).__name__, getattr(error, "stage", None), "broken" in str(error), params["reason"] in text, ran]
    expect_equal(seen, ["UnifiedStageExecutionError", "broken", True, True, []], "[error, stage, stage in text, reason told, ran behind]")


async def control(params):
    class UnifiedStageExecutionError(Exception):
        stage = "broken"

    error = UnifiedStageExecutionError(f"broken: {params['reason']}")
    seen = [type(error).__name__, error.stage, "broken" in str(error), params["reason"] in str(error), []]
    expect_equal(seen, ["UnifiedStageExecutionError", "broken", True, True, []], "[error, stage, stage in text, reason told, ran behind]")
