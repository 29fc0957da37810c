"""What is active is what capture(), the getters and injected headers tell, and it ends with the block."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An active trace context is not told in full",
    claim="Inside activate(), capture(), the getters, get_trace_context_dict() and inject_context() give the trace, span, parent and "
    "correlation ids of the context; fields that are not set leave the outer ones; afterwards the outer ones are back.",
    source="docs/guides/observability.md#trace-context-propagation",
    component="stageflow.observability.TraceContext.capture",
    subsystem="observability",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Spans and logs of one request cannot be joined.",
    recommendation="Set, read and reset every id.",
)

FIELDS = ("trace_id", "span_id", "parent_span_id", "correlation_id")
VALUES = {"trace_id": "a" * 32, "span_id": "b" * 16, "parent_span_id": "c" * 16, "correlation_id": uuid.UUID(int=7)}
BAGGAGE = {f"customer-segment-of-the-{name}": name for name in ("north", "south")}
CASES = (
    *(Case(f"{how}: {name}", {"how": how, "fields": [name]}) for how in ("capture", "dict") for name in FIELDS),
    *(Case(f"{how}: everything", {"how": how, "fields": list(FIELDS)}) for how in ("capture", "dict", "getters", "inject")),
    Case("nested", {"how": "nested", "fields": ["span_id"]}),
    Case("afterwards", {"how": "afterwards", "fields": list(FIELDS)}),
    Case("long baggage keys", {"how": "baggage", "fields": []}),
)


def now(api, how):
    """All that is told, by field."""
    if how == "getters":
        return {"trace_id": api.get_trace_id(), "span_id": api.get_span_id(), "correlation_id": api.get_correlation_id()}
    if how == "dict":
        return api.get_trace_context_dict()
    if how == "inject":
        carrier = {}
        api.StageflowTracer("probe").inject_context(carrier)
        arrived = api.StageflowTracer("probe").extract_context(carrier)
        return {name: getattr(arrived, name) for name in FIELDS if name != "parent_span_id"}
    found = api.TraceContext.capture()
    return {name: getattr(found, name) for name in FIELDS}


def told(api, params):
    """What is told at the moment the case asks for."""
    how, given = params["how"], {name: VALUES[name] for name in params["fields"]}
    if how == "baggage":
        return api.TraceContext.from_headers(api.TraceContext(baggage=dict(BAGGAGE)).to_headers()).baggage
    if how == "nested":
        with api.TraceContext(**VALUES).activate(), api.TraceContext(span_id="d" * 16).activate():
            return now(api, "capture")
    with api.TraceContext(**given).activate():
        inside = now(api, how)
    return now(api, "capture") if how == "afterwards" else inside


def wanted(params):
    how = params["how"]
    if how == "baggage":
        return BAGGAGE
    if how == "nested":
        return {**VALUES, "span_id": "d" * 16}
    asked = [name for name in FIELDS if how not in ("getters", "inject") or name != "parent_span_id"]
    found = {name: VALUES[name] if name in params["fields"] and how != "afterwards" else None for name in asked}
    if how == "dict" and found["correlation_id"]:
        found["correlation_id"] = str(found["correlation_id"])
    return found


def verdict(seen, params):
    expected = wanted(params)
    wrong = sorted(name for name in {*seen, *expected} if seen.get(name, "absent") != expected.get(name, "absent"))
    expect_equal(wrong, [], "fields that are told wrongly")


@promised
def scenario(params):
    verdict(told(need("stageflow.observability"), params), params)


def control(params):
    verdict(dict(wanted(params)), params)
