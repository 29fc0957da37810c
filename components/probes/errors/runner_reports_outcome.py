"""A stage runner gives the result, or raises with the cause, and emits the matching event once."""

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage runner swallows an error, loses data, or emits the wrong event",
    claim="Success gives a completed result and event; an error becomes a StageExecutionError with the original, and a failed event.",
    source="docstring:stageflow.stages.errors.with_error_handling",
    component="stageflow.stages.errors.StageRunner",
    subsystem="errors",
    category="reliability",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A failed stage counts as done, or nobody hears of it.",
    recommendation="Record one event per outcome, and re-raise with the original error attached.",
)

DECORATOR = "stageflow.stages.errors.with_error_handling"
CASES = (
    Case("runner-dict", {"how": "runner", "result": {"a": 1}, "told": [{"a": 1}, "", "completed"]}),
    Case("runner-plain", {"how": "runner sync", "result": {"a": 1}, "told": [{"a": 1}, "", "completed"]}),
    Case("runner-error", {"how": "runner", "result": "error", "told": [None, "LookupError: gone", "failed"]}),
    Case("decorator-dict", {"how": "decorator", "result": {"a": 1}, "told": [{"a": 1}, "", "none"]}, component=DECORATOR),
    Case("decorator-error", {"how": "decorator", "result": "error", "told": [None, "LookupError: gone", "failed"]}, component=DECORATOR),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.pipeline.dag"), need("stageflow.stages.errors")
    return CASES


def call_of(params, ctx):
    """An awaitable of the stage run in the given way."""

    def plain():
        if params["result"] == "error":
            raise LookupError("gone")
        return params["result"]

    async def body(ctx=None):
        return plain()

    errors = need("stageflow.stages.errors")
    if params["how"] == "decorator":
        return errors.with_error_handling("call")(body)(ctx)
    return errors.StageRunner("call", ctx).run(plain if params["how"] == "runner sync" else body)


async def scenario(params):
    sink = RecordingSink()
    result, error = await outcome(call_of(params, pipeline_context(event_sink=sink)))
    original = getattr(error, "original", None)
    said = "" if error is None else f"{type(original).__name__}: {original}"
    events = "+".join(kind.rpartition(".")[2] for kind, _ in sink.events) or "none"
    expect_equal([getattr(result, "data", None), said, events], params["told"], "data, error and events")


async def control(params):
    data, error, event = params["told"]
    expect_equal((data is None) == bool(error) == (event == "failed"), True, "one story")
