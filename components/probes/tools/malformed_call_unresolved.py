"""A malformed tool call is unresolved; it does not take the good calls with it."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="parse_and_resolve() raises for a malformed tool call and loses all the others",
    claim="A call that cannot be parsed or resolved is reported as unresolved, for observability; the other calls are resolved.",
    source="docs/guides/tools.md#parsing-llm-tool-calls",
    component="stageflow.tools.ToolRegistry.parse_and_resolve",
    subsystem="tools",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="One odd entry in a model's answer fails the turn.",
    recommendation="Catch what reading one call raises, and go on with the next.",
    workaround="Leave out malformed entries before the call.",
)

CASES = (
    Case("empty", {"entry": {}}),
    Case("no function", {"entry": {"id": "c2", "function": None}}),
    Case("function is text", {"entry": {"id": "c2", "function": "add(1)"}}),
    Case("name is a list", {"entry": {"id": "c2", "function": {"name": ["add"], "arguments": "{}"}}}),
    Case("arguments cut off", {"entry": {"id": "c2", "function": {"name": "add", "arguments": '{"a": '}}}),
)
GOOD = {"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}


def resolved(entry):
    parse = need("stageflow.tools:ToolRegistry.parse_and_resolve")
    try:
        good, bad = parse(registry_of(FunctionTool("add", dict)), [GOOD, entry])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Violation("one resolved and one unresolved call", f"{type(error).__name__} raised") from error
    expect_equal([len(good), len(bad)], [1, 1], "calls resolved, unresolved")


def scenario(params):
    resolved(params["entry"])


def control(params):
    resolved({"id": "c2", "function": {"name": "nobody", "arguments": "{}"}})
