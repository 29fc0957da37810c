"""What an activated trace context does not have is not taken over from the request before."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TraceContext.activate leaves ids of the previous context in place where the activated one has none",
    claim="Within activate() all operations have this trace context: an id it does not have is not there.",
    source="docs/guides/observability.md#trace-context-propagation",
    component="stageflow.observability.TraceContext.activate",
    subsystem="observability",
    category="security",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A worker that handles a message without correlation id logs it under the id of another customer's request.",
    recommendation="Set all four variables in activate(), None included.",
    workaround="Call clear_correlation_id() before activating a received context.",
)

NAMES = ("trace_id", "span_id", "parent_span_id", "correlation_id")
VALUES = ("a" * 32, "b" * 16, "c" * 16, uuid.UUID(int=5))
CASES = tuple(Case(f"without {name}", {"absent": name}) for name in NAMES)


def seen_inside(absent, ambient):
    """What the code inside sees of the absent id."""
    trace = need("stageflow.observability:TraceContext")
    full = dict(zip(NAMES, VALUES, strict=True))
    received = trace(**{name: value for name, value in full.items() if name != absent})
    if not ambient:
        with received.activate():
            return need("stageflow.observability:get_trace_context_dict")()[absent]
    with trace(**full).activate(), received.activate():
        return need("stageflow.observability:get_trace_context_dict")()[absent]


@promised
def scenario(params):
    expect_equal(seen_inside(params["absent"], True), None, f"{params['absent']} inside a context that has none")


def control(params):
    expect_equal(seen_inside(params["absent"], False), None, f"{params['absent']} with no context around")
