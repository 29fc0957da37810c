"""With OpenTelemetry installed (a small double here), spans are started as asked and their ids are the current ones."""

import importlib.util
import sys
import uuid
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="With OpenTelemetry, a span or its ids are not those that were asked for",
    claim="start_span() starts a span with the given name, kind (internal by default) and attributes on the tracer of the given name; "
    "inside, trace and span id are the span's as hex texts, afterwards the outer ones; capture() takes the ids of a valid recording "
    "span and keeps the correlation id; inject_context() adds both kinds of headers.",
    source="docs/guides/observability.md#opentelemetry-integration",
    component="stageflow.observability.StageflowTracer",
    subsystem="observability",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Traces of a run fall apart as soon as OpenTelemetry is switched on.",
    recommendation="Hand name, kind and attributes on, and set and reset the ids around the block.",
)

TRACE, SPAN = 0x0AF7651916CD43DD8448EB211C80319C, 0x00AD6B7169203331
HEX = {"trace_id": f"{TRACE:032x}", "span_id": f"{SPAN:016x}"}
NONE = {"trace_id": None, "span_id": None}
OUTER = {"trace_id": "e" * 32, "span_id": "f" * 16}
CASES = (
    Case("enabled", {"ask": "enabled", "want": [True, ["probe"]]}, component="stageflow.observability.StageflowTracer.is_enabled"),
    Case("default tracer name", {"ask": "default name", "want": ["stageflow"]}),
    Case("span", {"ask": "span", "given": {}, "want": ["work", "INTERNAL", None]}),
    Case("span with kind", {"ask": "span", "given": {"kind": "CLIENT"}, "want": ["work", "CLIENT", None]}),
    Case("span with attributes", {"ask": "span", "given": {"attributes": {"a": 1}}, "want": ["work", "INTERNAL", {"a": 1}]}),
    Case("ids inside", {"ask": "inside", "valid": True, "want": HEX}),
    Case("ids inside an invalid span", {"ask": "inside", "valid": False, "want": OUTER}),
    Case("ids after", {"ask": "after", "valid": True, "want": OUTER}),
    Case("ids after an error", {"ask": "after error", "valid": True, "want": OUTER}),
    Case("captured", {"ask": "capture", "valid": True, "recording": True, "want": HEX}),
    Case("captured, not recording", {"ask": "capture", "valid": True, "recording": False, "want": NONE}),
    Case("captured, invalid", {"ask": "capture", "valid": False, "recording": True, "want": NONE}),
    Case("injected", {"ask": "inject", "valid": True, "recording": True, "want": [True, True, True]}),
)


def double(log, params):
    """Modules that look like OpenTelemetry's, with one span."""

    class Propagator:
        def inject(self, carrier):
            carrier["tracestate"] = "double"

    numbers = SimpleNamespace(trace_id=TRACE, span_id=SPAN, is_valid=params.get("valid", True))
    span = SimpleNamespace(get_span_context=lambda: numbers, is_recording=lambda: params.get("recording", True))

    @contextmanager
    def start_as_current_span(name, kind=None, attributes=None):
        log.append([name, kind, attributes])
        yield span

    def get_tracer(name):
        log.append(name)
        return SimpleNamespace(start_as_current_span=start_as_current_span)

    names = ("opentelemetry", "opentelemetry.trace", "opentelemetry.trace.propagation", "opentelemetry.trace.propagation.tracecontext")
    modules = {name: ModuleType(name) for name in names}
    trace = modules["opentelemetry.trace"]
    modules["opentelemetry"].trace = trace
    trace.SpanKind = SimpleNamespace(INTERNAL="INTERNAL")
    trace.Status = trace.StatusCode = trace.Tracer = object
    trace.get_tracer, trace.get_current_span = get_tracer, lambda: span
    modules[names[-1]].TraceContextTextMapPropagator = Propagator
    return modules


def loaded_with(modules):
    """The target's tracing module as it is when those modules can be imported."""
    spec = importlib.util.spec_from_file_location("stageflow.observability.tracing", need("stageflow.observability.tracing").__file__)
    made = importlib.util.module_from_spec(spec)
    before = {name: sys.modules.get(name) for name in (*modules, made.__name__)}
    sys.modules |= {**modules, made.__name__: made}
    try:
        spec.loader.exec_module(made)
    finally:
        for name, module in before.items():
            sys.modules.pop(name) if module is None else sys.modules.update({name: module})
    return made


def current(api):
    return {"trace_id": api.get_trace_id(), "span_id": api.get_span_id()}


def ids_around(api, ask):
    """The current ids inside or after a span."""
    with api.TraceContext(**OUTER).activate():
        try:
            with api.StageflowTracer("probe").start_span("work"):
                if ask == "inside":
                    return current(api)
                if ask == "after error":
                    raise KeyError("inside")
        except KeyError:
            pass
        return current(api)


def answer(api, log, params):
    """What the case asks for."""
    ask = params["ask"]
    if ask == "enabled":
        return [api.StageflowTracer("probe").is_enabled, list(log)]
    if ask == "default name":
        api.StageflowTracer()
        return list(log)
    if ask == "span":
        with api.StageflowTracer("probe").start_span("work", **params["given"]):
            return log[-1]
    if ask == "capture":
        with api.TraceContext(correlation_id=uuid.UUID(int=7), parent_span_id="c" * 16).activate():
            found = api.TraceContext.capture()
        kept = found.correlation_id == uuid.UUID(int=7) and found.parent_span_id == "c" * 16
        return {name: getattr(found, name) for name in HEX} if kept else "correlation or parent id lost"
    if ask == "inject":
        carrier = {"own": "1"}
        with api.TraceContext(correlation_id=uuid.UUID(int=7)).activate():
            api.StageflowTracer("probe").inject_context(carrier)
        return [carrier.get("tracestate") == "double", HEX["trace_id"] in carrier.get("traceparent", ""), "x-correlation-id" in carrier]
    return ids_around(api, ask)


@promised
def scenario(params):
    log = []
    api = loaded_with(double(log, params))
    expect_equal(answer(api, log, params), params["want"], params["ask"])


def control(params):
    log = []
    modules = double(log, params)
    tracer = modules["opentelemetry.trace"].get_tracer("probe")
    with tracer.start_as_current_span("work", kind="INTERNAL", attributes=None) as span:
        numbers = span.get_span_context()
    seen = [log, {"trace_id": f"{numbers.trace_id:032x}", "span_id": f"{numbers.span_id:016x}"}]
    expect_equal(seen, [["probe", ["work", "INTERNAL", None]], HEX], "what the double has been told")
