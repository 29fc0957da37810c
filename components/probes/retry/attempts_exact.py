"""A stage that keeps failing with a retryable error is tried exactly `max_attempts` times."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="RetryInterceptor does not run a failing stage max_attempts times",
    claim="max_attempts is the number of attempts including the first: a stage that always fails is run exactly so often.",
    source="docstring:stageflow.pipeline.retry.RetryInterceptor.__init__",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Transient failures that a third attempt would have survived fail the request.",
    recommendation="Loop in run_with_interceptors until the interceptor answers something other than RETRY.",
    workaround="Retry inside the stage body.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:run_with_interceptors #one-retry",
)

CASES = tuple(Case(f"max_attempts={n}", {"max_attempts": n}) for n in (1, 2, 3, 5))


def strategy():
    from hypothesis import strategies as st

    return st.fixed_dictionaries({"max_attempts": st.integers(1, 20)})


async def scenario(params):
    retry = need("stageflow.pipeline.retry:RetryInterceptor")
    runs = []

    async def flaky(ctx):
        runs.append(ctx.stage_name)
        raise ConnectionError("service away")

    interceptor = retry(max_attempts=params["max_attempts"], base_delay_ms=10)
    await outcome(graph(pipeline(("call", flaky)), [interceptor]).run(context()))
    expect_equal(len(runs), params["max_attempts"], f"runs of a stage that always fails, max_attempts={params['max_attempts']}")


async def control(params):
    runs = []

    async def flaky():
        runs.append("call")
        raise ConnectionError("service away")

    for _ in range(params["max_attempts"]):
        await outcome(flaky())
    expect_equal(len(runs), params["max_attempts"], "runs in a plain asyncio loop of max_attempts tries")
