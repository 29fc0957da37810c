"""The result an interceptor gives in the stage's place becomes the stage's output."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The StageOutput that an interceptor answers with is thrown away: the stage's output is empty",
    claim="InterceptorResult.result is used as the result of the skipped stage; a StageOutput, the type stages return, keeps its data.",
    source="docs/api/interceptors.md#interceptorresult",
    component="stageflow.pipeline.dag.UnifiedStageGraph",
    subsystem="interceptors",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="A cache written with stage outputs answers with empty successes.",
    recommendation="Accept a StageOutput as it is, and refuse results that cannot be used.",
    workaround="Return InterceptorResult(result=output.data).",
    virtual_time=True,
)

CASES = (
    Case("dict", {"kind": "dict"}, component="stageflow.pipeline.interceptors.run_with_interceptors"),
    Case("StageOutput", {"kind": "StageOutput"}, cause="stageflow.pipeline.dag:UnifiedStageGraph._stage_result_to_output"),
)
CACHED = {"answer": 42, "lines": ["a", "b"]}


class Cache(EmptyInterceptor):
    """Answers every stage from its cache."""

    name, priority = "cache", 10

    def __init__(self, kind):
        self.kind = kind

    async def before(self, stage_name, ctx):
        value = dict(CACHED) if self.kind == "dict" else need("stageflow:StageOutput").ok(data=dict(CACHED))
        return need("stageflow.pipeline.interceptors:InterceptorResult")(stage_ran=False, result=value)


async def data_of(params, kind):
    seen = []

    async def stage(ctx):
        return {}

    async def last(ctx):
        seen.append({name: ctx.inputs.get(name) for name in CACHED})

    rows = (("first", stage), ("last", last, ("first",)))

    class OnlyFirst(Cache):
        async def before(self, stage_name, ctx):
            return await super().before(stage_name, ctx) if stage_name == "first" else None

    await outcome(graph(pipeline(*rows), [OnlyFirst(kind)]).run(context()))
    expect_equal(seen, [CACHED], "what the dependent stage sees")


async def scenario(params):
    await data_of(params, params["kind"])


async def control(params):
    await data_of(params, "dict")
