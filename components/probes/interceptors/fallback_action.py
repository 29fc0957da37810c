"""ErrorAction.FALLBACK means that a fallback result is used."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="Documentation offers ErrorAction.FALLBACK, which does the same as FAIL",
    claim="An interceptor that answers an error with FALLBACK makes the run go on with a fallback result.",
    source="docs/api/interceptors.md#erroraction",
    component="stageflow.pipeline.interceptors.ErrorAction.FALLBACK",
    subsystem="interceptors",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Degraded operation that was designed with FALLBACK does not exist: the run fails.",
    recommendation="Give on_error() a way to hand over a fallback result and use it, or remove FALLBACK.",
    workaround="Catch the error in the stage and return the fallback there.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:run_with_interceptors #fallback",
)

CASES = (Case("FALLBACK", {"answer": "FALLBACK"}),)


class Rescuer(EmptyInterceptor):
    """Answers every error with an action."""

    name, priority = "rescuer", 10

    def __init__(self, answer):
        self.answer = answer

    async def on_error(self, stage_name, error, ctx):
        return getattr(need("stageflow.pipeline.interceptors:ErrorAction"), self.answer)


async def run_goes_on(answer, times):
    runs = []

    async def stage(ctx):
        runs.append("run")
        if len(runs) <= times:
            raise ValueError("no")

    _, error = await outcome(graph(pipeline(("stage", stage)), [Rescuer(answer)]).run(context()))
    expect(error is None, "the run goes on", "the run failed" if error else "")


async def scenario(params):
    await run_goes_on(params["answer"], 99)


async def control(params):
    await run_goes_on("RETRY", 1)
