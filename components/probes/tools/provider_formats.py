"""Tool calls in the formats of the named providers keep their arguments."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="Tool calls in Anthropic's format are resolved without their arguments",
    claim="parse_and_resolve() understands the tool call formats of OpenAI and Anthropic: the arguments arrive.",
    source="docs/guides/tools.md#parsing-llm-tool-calls",
    component="stageflow.tools.ToolRegistry.parse_and_resolve",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tools called by such a model run with empty arguments, and nothing reports it.",
    recommendation="Read `input` when a call has no `arguments`, or leave such calls unresolved.",
    workaround="Pass arguments_field='input'.",
)

CASES = (
    Case(
        "OpenAI",
        {"call": {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}},
        component="stageflow.tools.ToolRegistry",
    ),
    Case(
        "Anthropic",
        {"call": {"id": "c1", "type": "tool_use", "name": "add", "input": {"a": 1}}},
        cause="stageflow.tools.registry:ToolRegistry.parse_and_resolve #anthropic",
    ),
)


def arguments_of(call, **options):
    need("stageflow.tools:ToolRegistry.parse_and_resolve")
    good, _ = registry_of(FunctionTool("add", dict)).parse_and_resolve([dict(call)], **options)
    expect_equal([found.arguments for found in good], [{"a": 1}], "arguments of the resolved call")


def scenario(params):
    arguments_of(params["call"])


def control(params):
    arguments_of(params["call"], **({"arguments_field": "input"} if "input" in params["call"] else {}))
