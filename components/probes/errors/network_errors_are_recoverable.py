"""A stage that fails with a network error is reported as recoverable, whatever subclass and message it has."""

from components.lab.flow import context, outcome
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="StageRunner calls ConnectionResetError, BrokenPipeError and other network errors unrecoverable when their text lacks a keyword",
    claim="Network errors are recoverable: every subclass of ConnectionError and TimeoutError is, as the base classes are.",
    source="docstring:stageflow.stages.errors._is_recoverable_error",
    component="stageflow.stages.errors.StageRunner",
    subsystem="errors",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Whoever retries recoverable failures gives up on a dropped connection.",
    recommendation="Use isinstance(error, (ConnectionError, TimeoutError)) in _is_recoverable_error besides the keywords.",
    workaround="Look at error.original yourself.",
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
    Case("reset-with-text", {"error": "ConnectionResetError", "text": "Connection reset by peer", "recoverable": True}),
    Case("reset", {"error": "ConnectionResetError", "text": "", "recoverable": True}),
    Case("refused", {"error": "ConnectionRefusedError", "text": "", "recoverable": True}),
    Case("broken-pipe", {"error": "BrokenPipeError", "text": "Broken pipe", "recoverable": True}),
)


def error_of(params):
    return ERRORS[params["error"]](*[params["text"]] if params["text"] else [])


async def scenario(params):
    async def body():
        raise error_of(params)

    _, error = await outcome(need("stageflow.stages.errors:StageRunner")("call", context()).run(body))
    expect_equal(getattr(error, "recoverable", None), params["recoverable"], f"recoverable for {params['error']}({params['text']!r})")


async def control(params):
    expect_equal(isinstance(error_of(params), ConnectionError | TimeoutError), params["recoverable"], "is a network error")
