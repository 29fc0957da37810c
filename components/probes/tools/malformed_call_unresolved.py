"""A tool call that is no dictionary is unresolved; it does not take the good calls with it."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="parse_and_resolve() raises AttributeError for a malformed tool call and loses all the others",
    claim="A malformed entry among a model's tool calls is reported as unresolved; the other calls are resolved.",
    source="docs/guides/tools.md#parsing-llm-tool-calls",
    component="stageflow.tools.ToolRegistry.parse_and_resolve",
    subsystem="tools",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="One odd entry in a model's answer fails the turn, although the parser has a branch for malformed calls.",
    recommendation="Do not call .get() of the entry again in the exception handler unless it is a dictionary.",
    workaround="Leave out entries that are no dictionaries before the call.",
    cause="stageflow.tools.registry:ToolRegistry.parse_and_resolve #malformed",
)

CASES = (
    Case("nothing", {"entry": None}),
    Case("text", {"entry": "add(1)"}),
    Case("list", {"entry": ["add", {"a": 1}]}),
)
GOOD = {"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}


def resolved(entry):
    parse = need("stageflow.tools:ToolRegistry.parse_and_resolve")
    try:
        good, bad = parse(registry_of(FunctionTool("add", dict)), [GOOD, entry])
    except AttributeError as error:
        raise Violation("one resolved and one unresolved call", "AttributeError raised") from error
    expect_equal([len(good), len(bad)], [1, 1], "calls resolved, unresolved")


def scenario(params):
    resolved(params["entry"])


def control(params):
    resolved({"id": "c2", "function": None})
