"""A result that an interceptor gives in place of a stage becomes that stage's output, whatever it is made of."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline, status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A result given by an interceptor is lost or changed on its way to the run's results",
    claim="What an interceptor's before() returns as result is the output of the stage that it replaces, and dependents see it.",
    source="docs/guides/interceptors.md#short-circuiting-execution",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A cache or a policy answers for a stage and its answer does not arrive.",
    recommendation="Coerce a replacing result into the stage's output without dropping its data.",
    virtual_time=True,
)

CASES = (
    Case("dict", {"result": {"k": [1, 2]}, "nested": False, "data": {"k": [1, 2]}}),
    Case("falsy values", {"result": {"k": 0}, "nested": False, "data": {"k": 0}}),
    Case("nothing", {"result": None, "nested": False, "data": {}}),
    Case("result record", {"result": {"k": 1}, "nested": True, "data": {"k": 1}}),
)


class Instead(EmptyInterceptor):
    """Answers for one stage."""

    name = "instead"
    priority = 1

    def __init__(self, answer):
        self.answer = answer

    async def before(self, stage_name, ctx):
        return self.answer if stage_name == "first" else None


def answer_of(params):
    value = params["result"]
    if params["nested"]:
        from datetime import UTC, datetime

        now = datetime.now(UTC)
        made = need("stageflow.stages.result:StageResult")
        value = made(name="first", status="completed", started_at=now, ended_at=now, data=dict(value))
    return need("stageflow.pipeline.interceptors:InterceptorResult")(stage_ran=False, result=value)


async def scenario(params):
    ran = []

    async def first(ctx):
        ran.append("first")

    async def second(ctx):
        output = ctx.inputs.get_output("first")
        return {"saw": dict(output.data) if output else "no output"}

    built = graph(pipeline(("first", first), ("second", second, ["first"])), [Instead(answer_of(params))])
    results, error = await outcome(built.run(context()))
    seen = [ran, type(error).__name__]
    if error is None:
        seen = [ran, status_of(results["first"]), results["first"].data, results["second"].data["saw"]]
    expect_equal(seen, [[], "ok", params["data"], params["data"]], "[stage ran, its status, its data, data its dependent saw]")


async def control(params):
    data = dict(params["result"] or {})
    expect_equal([[], "ok", data, data], [[], "ok", params["data"], params["data"]], "[stage ran, status, data, data seen]")
