"""Tool call arguments that are no JSON object are not passed on, and not dropped."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="parse_and_resolve() passes non-object arguments on as they are, or replaces them by {}",
    claim=(
        "ResolvedToolCall.arguments is the parsed arguments dictionary: a call whose arguments are no object is unresolved, with an error."
    ),
    source="docstring:stageflow.tools.ResolvedToolCall",
    component="stageflow.tools.ToolRegistry.parse_and_resolve",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A tool runs with empty arguments that the model never sent, or gets a value that is no dictionary.",
    recommendation="Treat every parsed value that is not a dict as invalid arguments.",
    workaround="Check isinstance(call.arguments, dict) before executing.",
    cause="stageflow.tools.registry:ToolRegistry.parse_and_resolve #not-an-object",
)

CASES = (
    Case("JSON list", {"arguments": '["all"]'}),
    Case("JSON text", {"arguments": '"all"'}),
    Case("JSON number", {"arguments": "7"}),
    Case("Python list", {"arguments": ["all"]}),
)


def lists_for(arguments):
    registry = registry_of(FunctionTool("wipe", dict))
    need("stageflow.tools:ToolRegistry.parse_and_resolve")
    good, bad = registry.parse_and_resolve([{"id": "c1", "function": {"name": "wipe", "arguments": arguments}}])
    expect_equal([len(good), len(bad)], [0, 1], "resolved and unresolved calls")


def scenario(params):
    lists_for(params["arguments"])


def control(params):
    lists_for('{"broken": ')
