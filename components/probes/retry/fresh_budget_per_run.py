"""Every run starts with the full number of attempts, whatever happened before on its context."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A failed run leaves its retry counter in the context: the next run on that context gets fewer attempts",
    claim="max_attempts counts the attempts of one run: a second run on the same context is tried as often as one on a fresh context.",
    source="docstring:stageflow.pipeline.retry.RetryInterceptor.__init__",
    component="stageflow.pipeline.retry.RetryInterceptor.after",
    subsystem="retry",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Re-running a failed request with its context fails on the first hiccup.",
    recommendation="Remove the _retry.<stage> entry in after() whatever the status.",
    workaround="Use a new context for every run.",
    virtual_time=True,
    cause="stageflow.pipeline.retry:RetryInterceptor.after #budget",
)

CASES = (Case("second run", {"earlier_runs": 1}), Case("third run", {"earlier_runs": 2}))


async def attempts_on(ctx, built, attempts):
    attempts.clear()
    await outcome(built.run(ctx))
    return len(attempts)


async def compare(params, second):
    attempts = []

    async def down(stage):
        attempts.append("attempt")
        raise ConnectionError("service away")

    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=10)
    built = graph(pipeline(("call", down)), [retry])
    ctx = context()
    fresh = await attempts_on(ctx, built, attempts)
    for _ in range(params["earlier_runs"]):
        ctx = second(ctx)
        again = await attempts_on(ctx, built, attempts)
    expect_equal(again, fresh, "attempts in a later run, as in the first")


async def scenario(params):
    await compare(params, lambda ctx: ctx)


async def control(params):
    await compare(params, lambda ctx: context())
