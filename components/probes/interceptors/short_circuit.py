"""An interceptor can answer in the stage's place: the stage and the interceptors inside do not start."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage runs although an interceptor answered in its place",
    claim="InterceptorResult(stage_ran=False) skips the stage and the interceptors inside; anything else lets the stage run.",
    source="docs/guides/interceptors.md#short-circuiting-execution",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Work that a policy refused is done all the same.",
    recommendation="Stop at the first result with stage_ran=False.",
    virtual_time=True,
)

CASES = (
    Case("stage_ran=False", {"answers": True, "stage_ran": False, "log": []}),
    Case("stage_ran=True", {"answers": True, "stage_ran": True, "log": ["inner", "stage"]}),
    Case("None", {"answers": False, "stage_ran": False, "log": ["inner", "stage"]}),
)


class Answerer(EmptyInterceptor):
    """Answers as told."""

    name, priority = "answerer", 10

    def __init__(self, params):
        self.params = params

    async def before(self, stage_name, ctx):
        answer = need("stageflow.pipeline.interceptors:InterceptorResult")(stage_ran=self.params["stage_ran"], result={"cached": 1})
        return answer if self.params["answers"] else None


class Inner(EmptyInterceptor):
    """Tells that it was entered."""

    name, priority = "inner", 20

    def __init__(self, log):
        self.log = log

    async def before(self, stage_name, ctx):
        self.log.append("inner")


async def scenario(params):
    log = []

    async def stage(ctx):
        log.append("stage")

    await outcome(graph(pipeline(("stage", stage)), [Inner(log), Answerer(params)]).run(context()))
    expect_equal(log, list(params["log"]), "what was entered")


async def control(params):
    skip = params["answers"] and not params["stage_ran"]
    expect_equal([] if skip else ["inner", "stage"], list(params["log"]), "what a plain condition enters")
