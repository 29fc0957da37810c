"""What the documentation calls accepts the arguments it is called with."""

import inspect

from components.lab.probe import Case, Probe, Violation, expect, need
from components.lab.value_kit import run_target

PROBE = Probe(
    title="A documentation page calls a stageflow function with arguments that it does not take",
    claim="The calls in the documentation's Python examples are possible: the function takes these arguments.",
    source="docs/advanced/guard-security.md#pattern-based-detection",
    component="docs",
    subsystem="docs",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Whoever copies the example gets a TypeError, in error paths only when the error happens.",
    recommendation="Change the example to a call that the function takes; a failing stage returns StageOutput.fail(error=..., data=...).",
)

FAIL, TOOL_INPUT = "stageflow:StageOutput.fail", "stageflow.tools:ToolInput"
TABLE = (
    ("docs/advanced/chunking.md", "chunking-stage", FAIL, 0, ["error", "error_metadata"]),
    ("docs/advanced/guard-security.md", "pattern-based-detection", FAIL, 0, ["error", "error_metadata"]),
    ("docs/advanced/testing.md", "6-test-streaming-telemetry", "stageflow.helpers:ChunkQueue", 0, ["maxsize", "event_emitter"]),
    ("docs/advanced/testing.md", "6-test-streaming-telemetry", "stageflow.helpers:StreamingBuffer", 0, ["capacity_ms", "event_emitter"]),
    ("docs/advanced/testing.md", "7-test-analytics-overflow-callbacks", "stageflow.helpers:AnalyticsEvent", 0, ["type", "data"]),
    ("docs/api/tools.md", "parse_and_resolve", TOOL_INPUT, 0, ["action"]),
    ("docs/examples/agent-tools.md", "advanced-llm-driven-tool-selection", TOOL_INPUT, 0, ["action"]),
    ("docs/guides/stages.md", "agent", TOOL_INPUT, 0, ["action"]),
    (
        "docs/examples/multimodal-fusion.md",
        "real-time-streaming",
        "stageflow.helpers:BackpressureMonitor",
        0,
        ["high_watermark", "low_watermark"],
    ),
    ("docs/guides/websearch.md", "using-in-stages", "stageflow:StageOutput.error", 1, []),
)
CASES = tuple(
    Case(
        f"{page}#{section}:{function.rpartition(':')[2]}",
        {"page": page, "section": section, "function": function, "positional": positional, "named": named},
        f"{page} calls {function.rpartition(':')[2]}{' with arguments that it does not take' if named else ', which is no function'}",
        page,
    )
    for page, section, function, positional, named in TABLE
)


def check(function, positional, named):
    """The function can be called with so many positional arguments and these names."""
    expect(callable(function), "a function", "something that cannot be called")
    try:
        inspect.signature(function).bind(*[None] * positional, **dict.fromkeys(named))
    except TypeError as error:
        raise Violation(f"a function that takes {', '.join(named) or 'the argument'}", str(error)) from error


def scenario(params):
    run_target()
    check(need(params["function"]), params["positional"], params["named"])


def control(params):
    check(need(FAIL), 0, ["error", "data"])
