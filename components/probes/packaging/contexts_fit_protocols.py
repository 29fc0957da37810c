"""The classes that stand for a protocol have its members, with the same parameters."""

import inspect

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import run_target

PROBE = Probe(
    title="A class does not fit the protocol it stands for",
    claim="Contexts, sinks and websearch parts implement their protocols: each member is there and takes the protocol's parameters.",
    source="docstring:stageflow.protocols.ExecutionContext",
    component="stageflow.protocols",
    subsystem="packaging",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=True,
    default_setup=True,
    impact="Code written against the protocol fails with one of the implementations.",
    recommendation="Give the implementation every member and parameter of the protocol.",
)

CASES = tuple(
    Case(
        f"{implementation.rpartition(':')[2]}-as-{protocol.rpartition(':')[2]}",
        {"class": implementation, "protocol": protocol},
        component=implementation.replace(":", "."),
    )
    for implementation, protocol in (
        ("stageflow:PipelineContext", "stageflow.protocols:ExecutionContext"),
        ("stageflow:StageContext", "stageflow.protocols:ExecutionContext"),
        ("stageflow.events:NoOpEventSink", "stageflow.protocols:EventSink"),
        ("stageflow.events:LoggingEventSink", "stageflow.protocols:EventSink"),
        ("stageflow.events:BackpressureAwareEventSink", "stageflow.protocols:EventSink"),
        ("stageflow.helpers:InMemoryStore", "stageflow.helpers:MemoryStore"),
        ("stageflow.websearch.extractor:FallbackContentExtractor", "stageflow.websearch.protocols:ContentExtractorProtocol"),
        ("stageflow.websearch.navigator:FallbackNavigator", "stageflow.websearch.protocols:NavigatorProtocol"),
        ("stageflow.websearch:Fetcher", "stageflow.websearch.protocols:FetcherProtocol"),
    )
)


def gaps(cls, protocol):
    """Public members of the protocol that the class lacks, and parameters that its methods lack."""
    fields = getattr(cls, "__dataclass_fields__", {})
    found = []
    for name, member in vars(protocol).items():
        if name.startswith("_"):
            continue
        if not hasattr(cls, name) and name not in fields:
            found.append(name)
        elif inspect.isfunction(member):
            own = inspect.signature(getattr(cls, name)).parameters
            found += [f"{name}({parameter})" for parameter in inspect.signature(member).parameters if parameter not in own]
    return found


def scenario(params):
    run_target()
    expect_equal(gaps(need(params["class"]), need(params["protocol"])), [], "members and parameters missing")


def control(params):
    expect_equal(gaps(type(pipeline_context()), object), [], "gaps against an empty protocol")
