"""What the parts that stand in for OpenTelemetry, loggers and breakers answer, and what a no-op span keeps."""

import asyncio
import uuid

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A stand-in of the observability module answers wrongly",
    claim="A no-op span keeps each attribute, event, status and exception once and is not recording; a tracer without OpenTelemetry is not "
    "enabled and starts spans under the given name and attributes; the no-op breaker is never open; no-op loggers take every call.",
    source="docstring:stageflow.observability.tracing",
    component="stageflow.observability.NoOpSpan",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Code that asks whether it is traced or cut off gets the wrong answer.",
    recommendation="Store what is set as it is, and answer as nothing were traced.",
)

LONG = "request.header.user_agent.of_the_"
TRACER, LOGS = "stageflow.observability.StageflowTracer", "stageflow.observability.NoOpProviderCallLogger"
CASES = (
    Case("attributes", {"ask": "attributes", "want": {"given": 0, f"{LONG}a": 1, f"{LONG}b": 2}}),
    Case("events", {"ask": "events", "want": [["first", {"a": 1}], ["second", {}]]}),
    Case("exception", {"ask": "exception", "want": [["exception", {"exception.type": "KeyError", "exception.message": "'lost'"}]]}),
    Case("status", {"ask": "status", "want": {"_status": "OK"}}),
    Case("status with a text", {"ask": "status text", "want": {"_status": "ERROR", "_status_description": "away"}}),
    Case("recording", {"ask": "recording", "want": [False, None]}),
    Case("start_span", {"ask": "start_span", "want": ["work", {"a": 1}]}, component=f"{TRACER}.start_span"),
    Case("enabled", {"ask": "enabled", "want": True}, component=f"{TRACER}.is_enabled"),
    Case("breaker", {"ask": "breaker", "want": [False, None, None, False]}, component="stageflow.observability.get_circuit_breaker"),
    Case("call logger", {"ask": "call logger", "want": ["UUID", None]}, component=LOGS),
    Case("run logger", {"ask": "run logger", "want": [None] * 3}, component="stageflow.observability.NoOpPipelineRunLogger"),
)


def of_span(ask, span, kept):
    """What a span keeps after some calls."""
    if ask == "attributes":
        span.set_attribute(f"{LONG}a", 1)
        span.set_attribute(f"{LONG}b", 2)
    elif ask == "events":
        span.add_event("first", {"a": 1})
        span.add_event("second")
    elif ask == "exception":
        span.record_exception(KeyError("lost"))
    else:
        span.set_status(*(("ERROR", "away") if ask == "status text" else ("OK",)))
    return kept(span)


def kept_by(ask):
    """Reads what a span has stored."""

    def read(span):
        name = "_events" if ask in ("events", "exception") else "_attributes"
        if not hasattr(span, name):
            raise NotApplicable(f"spans have no {name}")
        found = getattr(span, name)
        return [[row[0], dict(row[1])] for row in found] if name == "_events" else dict(found)

    return read


def of_tracer(ask, api):
    tracer = api.StageflowTracer("probe")
    if ask == "enabled":
        return tracer.is_enabled == api.OTEL_AVAILABLE
    if api.OTEL_AVAILABLE:
        raise NotApplicable("OpenTelemetry is installed")
    with tracer.start_span("work", attributes={"a": 1}) as span:
        return [getattr(span, "_name", "work"), kept_by("attributes")(span)]


async def of_helpers(ask, api):
    if ask == "breaker":
        breaker, call = api.get_circuit_breaker(), {"operation": "llm", "provider": "p"}
        first = await breaker.is_open(**call)
        return [
            first,
            await breaker.record_success(**call),
            await breaker.record_failure(**call, reason="r"),
            await breaker.is_open(**call),
        ]
    if ask == "call logger":
        logger = api.NoOpProviderCallLogger()
        made = await logger.log_call_start(operation="llm", provider="p", model_id=None)
        return [type(made).__name__, await logger.log_call_end(made, success=True, latency_ms=1)]
    logger, run = api.NoOpPipelineRunLogger(), {"pipeline_run_id": uuid.UUID(int=1), "pipeline_name": "p"}
    return [await getattr(logger, f"log_run_{end}")(**run) for end in ("started", "completed", "failed")]


@promised
def scenario(params):
    api, ask = need("stageflow.observability"), params["ask"]
    if ask in ("start_span", "enabled"):
        seen = of_tracer(ask, api)
    elif ask in ("breaker", "call logger", "run logger"):
        seen = asyncio.run(of_helpers(ask, api))
    elif ask == "recording":
        span = api.NoOpSpan("work")
        seen = [span.is_recording(), span.get_span_context()]
    else:
        seen = of_span(ask, api.NoOpSpan("work", attributes={"given": 0} if ask == "attributes" else None), kept_by(ask))
    expect_equal(seen, params["want"], ask)


class PlainSpan:
    """Keeps everything."""

    def __init__(self, attributes):
        self.attributes, self.events = dict(attributes), []

    def set_attribute(self, key, value):
        self.attributes[key] = value

    def add_event(self, name, attributes=None):
        self.events.append([name, attributes or {}])

    def set_status(self, status, description=None):
        self.attributes |= {"_status": status, **({"_status_description": description} if description else {})}

    def record_exception(self, error):
        self.add_event("exception", {"exception.type": type(error).__name__, "exception.message": str(error)})


async def plainly(ask):
    """The same answers from plain functions."""

    async def nothing(**call):
        return None

    if ask == "breaker":
        return [False, await nothing(), await nothing(), False]
    return [type(uuid.UUID(int=0)).__name__, await nothing()] if ask == "call logger" else [await nothing() for _ in range(3)]


def control(params):
    ask = params["ask"]
    if ask in ("attributes", "events", "exception", "status", "status text"):
        plain = PlainSpan({"given": 0} if ask == "attributes" else {})
        seen = of_span(ask, plain, lambda span: span.events if ask in ("events", "exception") else span.attributes)
    elif ask in ("breaker", "call logger", "run logger"):
        seen = asyncio.run(plainly(ask))
    else:
        seen = {"recording": [False, None], "enabled": True, "start_span": ["work", PlainSpan({"a": 1}).attributes]}[ask]
    expect_equal(seen, params["want"], ask)
