"""A stage that fails with a network error is reported as recoverable, whatever subclass it is."""

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageRunner reports a broken pipe as unrecoverable, unlike every other connection error",
    claim="ConnectionError and TimeoutError are reported as recoverable, so their standard subclasses are too.",
    source="invariant:a subclass is treated as its base class",
    component="stageflow.stages.errors.StageRunner",
    subsystem="errors",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Whoever retries recoverable failures gives up when the other side closed the connection.",
    recommendation="Use isinstance(error, (ConnectionError, TimeoutError)) in _is_recoverable_error besides the keywords.",
    workaround="Look at error.original yourself.",
    cause="stageflow.stages.errors:_is_recoverable_error",
)

ERRORS = {
    "ConnectionError": ConnectionError,
    "TimeoutError": TimeoutError,
    "ValueError": ValueError,
    "ConnectionResetError": ConnectionResetError,
    "ConnectionRefusedError": ConnectionRefusedError,
    "BrokenPipeError": BrokenPipeError,
}
CASES = (
    Case("connection", {"error": "ConnectionError", "text": "", "recoverable": True}),
    Case("timeout", {"error": "TimeoutError", "text": "", "recoverable": True}),
    Case("value", {"error": "ValueError", "text": "bad", "recoverable": False}),
    Case("reset-with-text", {"error": "ConnectionResetError", "text": "[Errno 104] Connection reset by peer", "recoverable": True}),
    Case("refused-with-text", {"error": "ConnectionRefusedError", "text": "[Errno 111] Connection refused", "recoverable": True}),
    Case("broken-pipe", {"error": "BrokenPipeError", "text": "[Errno 32] Broken pipe", "recoverable": True}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need("stageflow.stages.errors")
    return CASES


def error_of(params):
    return ERRORS[params["error"]](*[params["text"]] if params["text"] else [])


async def scenario(params):
    async def body():
        raise error_of(params)

    _, error = await outcome(need("stageflow.stages.errors:StageRunner")("call", pipeline_context()).run(body))
    expect_equal(getattr(error, "recoverable", None), params["recoverable"], f"recoverable for {params['error']}({params['text']!r})")


async def control(params):
    expect_equal(isinstance(error_of(params), ConnectionError | TimeoutError), params["recoverable"], "is a network error")
