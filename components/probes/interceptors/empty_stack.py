"""An explicitly empty interceptor list means no interceptors."""

from components.lab.flow import EmptyInterceptor, context, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Pipeline.build(interceptors=[]) silently installs the whole default stack",
    claim="The default interceptors are used when the argument is omitted; an empty list given on purpose stays empty.",
    source="docstring:stageflow.Pipeline.build",
    component="stageflow.Pipeline.build",
    subsystem="interceptors",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Who switches interceptors off still gets duplicates suppressed, breakers and time-outs.",
    recommendation="Test the argument with `is None` instead of its truth value.",
    workaround="Pass a list with one interceptor that does nothing.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.__init__",
)

CASES = (Case("empty list", {"key": "order-1"}),)


async def runs_with(params, stack):
    runs = []

    async def stage(ctx):
        runs.append("run")
        return {"done": True}

    built = pipeline(("stage", stage)).build(interceptors=stack)
    for _ in range(2):
        await outcome(built.run(context(data={"idempotency_key": params["key"]})))
    expect_equal(len(runs), 2, "runs of the stage without an idempotency interceptor")


async def scenario(params):
    await runs_with(params, [])


async def control(params):
    await runs_with(params, [EmptyInterceptor()])
