"""A stage result whose status is in `retry_on_status` makes RetryInterceptor run the stage again."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="RetryInterceptor waits for a status in retry_on_status but never runs the stage again",
    claim="retry_on_status lists the stage result statuses that trigger a retry: a stage that returns such a status once is run again.",
    source="docstring:stageflow.pipeline.retry.RetryInterceptor.__init__",
    component="stageflow.pipeline.retry.RetryInterceptor.after",
    subsystem="retry",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="The run waits for the back-off delay and then takes the first result as if no retry had been asked for.",
    recommendation="Act on the ErrorAction that _handle_retry returns in after(), instead of dropping it.",
    workaround="Raise a retryable exception instead of returning a status.",
    virtual_time=True,
    cause="stageflow.pipeline.retry:RetryInterceptor.after #status",
)

CASES = (Case("failed once", {"status": "failed"}),)


async def scenario(params):
    output = need("stageflow:StageOutput")
    runs = []

    async def fails_once(ctx):
        runs.append("run")
        return output.fail(error="busy") if len(runs) == 1 else output.ok(data={"answer": "fine"})

    retry = need("stageflow.pipeline.retry:RetryInterceptor")
    retry = retry(max_attempts=3, base_delay_ms=10, retry_on_status=(params["status"],))
    await outcome(graph(pipeline(("call", fails_once)), [retry]).run(context()))
    expect(len(runs) == 2, "2 runs: the failed status is retried", f"{len(runs)} run(s)")


async def control(params):
    runs = []

    def fails_once():
        runs.append("run")
        return "failed" if len(runs) == 1 else "completed"

    for _ in range(3):
        if fails_once() != params["status"]:
            break
    expect(len(runs) == 2, "2 runs: the failed status is retried", f"{len(runs)} run(s)")
