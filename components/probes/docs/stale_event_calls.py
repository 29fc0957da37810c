"""Events are emitted in the documentation the way event sinks take them."""

from components.lab.probe import Case, Probe, Violation, need
from components.lab.value_kit import need_described_release

PROBE = Probe(
    title="Nine pages emit events with positional arguments, which event sinks refuse with TypeError",
    claim="The documented ctx.event_sink.try_emit(...) calls emit the event.",
    source="docs/guides/timestamps.md#extracting-timestamps-from-documents",
    component="stageflow.events.EventSink.try_emit",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Whoever copies the example gets a TypeError at that call, and no event.",
    recommendation="Write try_emit(type=..., data=...) in the examples; the parameters of EventSink are keyword-only.",
    workaround="Use ctx.try_emit_event(type, data).",
    cause="docs:try_emit with positional arguments",
)

PAGES = [
    "advanced/checkpointing",
    "advanced/chunking",
    "advanced/guard-security",
    "advanced/retry-backoff",
    "advanced/routing-confidence",
    "advanced/routing-loops",
    "advanced/saga-pattern",
    "advanced/tool-sandboxing",
    "guides/timestamps",
]
CASES = (Case("positional arguments", {"pages": PAGES}),)


def check(emit, where):
    try:
        emit()
    except TypeError as error:
        raise Violation("the event is emitted", f"TypeError: only keyword arguments are taken (on {where})") from error


def scenario(params):
    need_described_release()
    sink = need("stageflow.testing:create_test_stage_context")().event_sink
    check(lambda: sink.try_emit("timestamp.parse_failed", {"field": "value"}), ", ".join(params["pages"]))


def control(params):
    sink = need("stageflow.testing:create_test_stage_context")().event_sink
    check(lambda: sink.try_emit(type="timestamp.parse_failed", data={"field": "value"}), "no page")
