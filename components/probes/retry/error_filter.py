"""Only errors of the configured classes are retried."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="RetryInterceptor retries the wrong errors",
    claim="An error is retried exactly when it is an instance of a retryable class: connection and OS errors by default, or those listed.",
    source="docstring:stageflow.pipeline.retry.RetryInterceptor.__init__",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Permanent errors are repeated with their side effects, or transient ones are given up at once.",
    recommendation="Compare with isinstance against exactly the configured classes.",
    virtual_time=True,
)

CASES = (
    Case("default, ConnectionError", {"error": "ConnectionError", "listed": [], "runs": 2}),
    Case("default, ConnectionResetError", {"error": "ConnectionResetError", "listed": [], "runs": 2}),
    Case("default, OSError", {"error": "OSError", "listed": [], "runs": 2}),
    Case("default, ValueError", {"error": "ValueError", "listed": [], "runs": 1}),
    Case("default, RuntimeError", {"error": "RuntimeError", "listed": [], "runs": 1}),
    Case("default, PermissionError is an OSError", {"error": "PermissionError", "listed": [], "runs": 2}),
    Case("listed KeyError", {"error": "KeyError", "listed": ["KeyError"], "runs": 2}),
    Case("LookupError listed, KeyError raised", {"error": "KeyError", "listed": ["ValueError", "LookupError"], "runs": 2}),
    Case("KeyError listed, ConnectionError raised", {"error": "ConnectionError", "listed": ["KeyError"], "runs": 1}),
)
ERRORS = {
    kind.__name__: kind
    for kind in (ConnectionError, ConnectionResetError, OSError, PermissionError, ValueError, RuntimeError, KeyError, LookupError)
}


async def scenario(params):
    runs = []

    async def fails(ctx):
        runs.append("run")
        raise ERRORS[params["error"]]("no")

    listed = tuple(ERRORS[name] for name in params["listed"]) or None
    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=10, retryable_errors=listed)
    await outcome(graph(pipeline(("call", fails)), [retry]).run(context()))
    expect_equal(len(runs), params["runs"], f"runs of a stage raising {params['error']}, max_attempts=2")


async def control(params):
    listed = tuple(ERRORS[name] for name in params["listed"]) or (ConnectionError, OSError)
    runs = 2 if issubclass(ERRORS[params["error"]], listed) else 1
    expect_equal(runs, params["runs"], f"runs by isinstance for {params['error']}")
