"""RetryInterceptor tells the context's event sink about retries."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="RetryInterceptor's events never reach any event sink",
    claim="A scheduled retry emits stage.retry_scheduled, an exhausted one stage.retry_exhausted, to the context's event sink.",
    source="docs/advanced/retry-backoff.md#observability",
    component="stageflow.pipeline.retry.RetryInterceptor",
    subsystem="retry",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Dashboards built on the documented retry events stay empty while services flap.",
    recommendation="Call try_emit(type=..., data=...): its parameters are keyword-only, and the TypeError is suppressed.",
    workaround="Count the log records with event=retry_scheduled instead.",
    virtual_time=True,
    cause="stageflow.pipeline.retry:RetryInterceptor._handle_retry",
)

CASES = (
    Case("stage.retry_scheduled", {"event": "stage.retry_scheduled", "max_attempts": 2}),
    Case("stage.retry_exhausted", {"event": "stage.retry_exhausted", "max_attempts": 1}),
)


async def scenario(params):
    sink = RecordingSink()

    async def down(ctx):
        raise ConnectionError("service away")

    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=params["max_attempts"], base_delay_ms=10)
    await outcome(graph(pipeline(("call", down)), [retry]).run(context(event_sink=sink)))
    expect(bool(sink.of(params["event"])), f"a {params['event']} event in the sink", "none")


async def control(params):
    sink = RecordingSink()
    pipeline_context(event_sink=sink).event_sink.try_emit(type=params["event"], data={"stage": "call"})
    expect(bool(sink.of(params["event"])), f"a {params['event']} event in the sink", "none")
