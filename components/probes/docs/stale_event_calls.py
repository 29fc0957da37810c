"""Events are emitted in the documentation the way event sinks take them."""

from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="A documentation page emits events with positional arguments, which stageflow's event sinks refuse with TypeError",
    claim="The documented ctx.event_sink.try_emit(...) calls emit the event.",
    source="docs/guides/timestamps.md#extracting-timestamps-from-documents",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Whoever copies the example gets a TypeError at that call, and no event.",
    recommendation="Write try_emit(type=..., data=...) in the examples; the parameters of EventSink are keyword-only.",
    workaround="Use ctx.try_emit_event(type, data).",
)

TABLE = (
    ("docs/advanced/checkpointing.md", "checkpointinterceptor", "pipeline.checkpoint_saved"),
    ("docs/advanced/chunking.md", "chunking-stage", "chunking.completed"),
    ("docs/advanced/guard-security.md", "fail-closed-default", "guardrail.violations_detected"),
    ("docs/advanced/retry-backoff.md", "retryinterceptor-implementation", "stage.retry_scheduled"),
    ("docs/advanced/routing-confidence.md", "threshold-configuration", "route.confidence_decision"),
    ("docs/advanced/routing-loops.md", "direct-loop-detection", "route.loop_detected"),
    ("docs/advanced/saga-pattern.md", "step-2-create-a-saga-state-machine", "saga.step_compensated"),
    ("docs/advanced/tool-sandboxing.md", "3-audit-all-tool-executions", "tool.execution_started"),
    ("docs/guides/timestamps.md", "extracting-timestamps-from-documents", "timestamp.parse_failed"),
)
CASES = tuple(
    Case(
        f"{page}#{section}", {"page": page, "section": section, "event": event}, f"{page} emits events in a way that raises TypeError", page
    )
    for page, section, event in TABLE
)


def check(emit):
    try:
        emit()
    except TypeError as error:
        raise Violation("the event is emitted", "TypeError: only keyword arguments are taken") from error


def scenario(params):
    sink = need("stageflow.testing:create_test_stage_context")().event_sink
    check(lambda: sink.try_emit(params["event"], {"field": "value"}))


def control(params):
    sink = need("stageflow.testing:create_test_stage_context")().event_sink
    check(lambda: sink.try_emit(type=params["event"], data={"field": "value"}))
