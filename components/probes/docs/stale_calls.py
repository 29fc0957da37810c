"""What the documentation calls accepts the arguments it is called with."""

import inspect

from components.lab.probe import Case, Probe, Violation, expect, need
from components.lab.value_kit import need_described_release, run_target

PROBE = Probe(
    title="The documentation calls a stageflow function with arguments that it does not take",
    claim="The calls in the documentation's Python examples are possible: the function takes these arguments.",
    source="invariant:documented examples work",
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

TOOL_PAGES = ["advanced/composition", "api/tools", "examples/agent-tools", "guides/stages", "guides/tools", "guides/tools-approval"]
FAIL = "stageflow:StageOutput.fail"
TABLE = (
    ("StageOutput.fail(error_metadata=...)", FAIL, 0, ["error", "error_metadata"], ["advanced/chunking", "advanced/guard-security"]),
    ("ToolInput(action=...)", "stageflow.tools:ToolInput", 0, ["action"], TOOL_PAGES),
    ("ChunkQueue(maxsize=...)", "stageflow.helpers:ChunkQueue", 0, ["maxsize", "event_emitter"], ["advanced/testing"]),
    ("StreamingBuffer(capacity_ms=...)", "stageflow.helpers:StreamingBuffer", 0, ["capacity_ms", "event_emitter"], ["advanced/testing"]),
    ("AnalyticsEvent(type=...)", "stageflow.helpers:AnalyticsEvent", 0, ["type", "data"], ["advanced/testing"]),
    (
        "BackpressureMonitor(high_watermark=...)",
        "stageflow.helpers:BackpressureMonitor",
        0,
        ["high_watermark", "low_watermark"],
        ["examples/multimodal-fusion"],
    ),
    ("StageOutput.error(...)", "stageflow:StageOutput.error", 1, [], ["guides/websearch"]),
)
CASES = tuple(
    Case(
        call,
        {"function": function, "positional": positional, "named": named, "pages": pages},
        f"The documentation calls {call}, which {'the function does not take' if named else 'is no function'}",
        function.replace(":", "."),
        f"docs:{call}",
    )
    for call, function, positional, named, pages in TABLE
)


def check(function, positional, named, where):
    """The function can be called with so many positional arguments and these names."""
    expect(callable(function), "a function", f"something that cannot be called (on {where})")
    try:
        inspect.signature(function).bind(*[None] * positional, **dict.fromkeys(named))
    except TypeError as error:
        raise Violation(f"a function that takes {', '.join(named) or 'the argument'}", f"{error} (on {where})") from error


def scenario(params):
    need_described_release()
    run_target()
    check(need(params["function"]), params["positional"], params["named"], ", ".join(params["pages"]))


def control(params):
    check(need(FAIL), 0, ["error", "data"], "no page")
