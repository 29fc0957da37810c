"""The library's own transient errors are retried without further configuration."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="TransientError and its subclasses are not retried by a default RetryInterceptor",
    claim="TransientError is the base class of errors that should trigger a retry, so RetryInterceptor() retries it and its subclasses.",
    source="docstring:stageflow.pipeline.retry.TransientError",
    component="stageflow.pipeline.retry.RetryInterceptor.DEFAULT_RETRYABLE",
    subsystem="retry",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Code that raises the framework's own RateLimitError to be retried fails at once.",
    recommendation="Add TransientError to RetryInterceptor.DEFAULT_RETRYABLE.",
    workaround="Pass retryable_errors=(*RetryInterceptor.DEFAULT_RETRYABLE, TransientError).",
    virtual_time=True,
    cause="stageflow.pipeline.retry:RetryInterceptor.DEFAULT_RETRYABLE",
)

CASES = tuple(Case(name, {"error": name}) for name in ("TransientError", "RateLimitError", "ServiceUnavailableError"))


async def runs_of(error, **options):
    runs = []

    async def down(ctx):
        runs.append("run")
        raise error

    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=10, **options)
    await outcome(graph(pipeline(("call", down)), [retry]).run(context()))
    return len(runs)


async def scenario(params):
    error = need(f"stageflow.pipeline.retry:{params['error']}")("try again")
    runs = await runs_of(error)
    expect(runs == 2, f"2 runs of a stage raising {params['error']}, max_attempts=2", f"{runs} run(s)")


async def control(params):
    error = need(f"stageflow.pipeline.retry:{params['error']}")("try again")
    runs = await runs_of(error, retryable_errors=(type(error),))
    expect(runs == 2, f"2 runs of a stage raising {params['error']}, listed as retryable", f"{runs} run(s)")
