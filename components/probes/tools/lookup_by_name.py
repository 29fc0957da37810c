"""A tool can be found by the name it is advertised under."""

from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import FunctionTool, registry_of

PROBE = Probe(
    title="ToolRegistry.get(name) does not find a tool by its name, only by its action type",
    claim="registry.get('calculator') finds the tool whose name is calculator and whose action type is CALCULATE.",
    source="docs/guides/tools.md#retrieving-tools",
    component="stageflow.tools.ToolRegistry.get",
    subsystem="tools",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The documented lookup answers None without a word.",
    recommendation="Look up by name as well as by action type, or correct guide and reference.",
    workaround="Use the action type.",
    cause="stageflow.tools.registry:ToolRegistry.get_tool",
)

CASES = (
    Case("get", {"how": "get"}),
    Case("has", {"how": "has"}),
    Case("parse_and_resolve", {"how": "parse"}),
)


def found(how, asked):
    registry = registry_of(FunctionTool("CALCULATE", dict, name="calculator"))
    if how == "get":
        return registry.get(asked) is not None
    if how == "has":
        return registry.has(asked)
    resolved, _ = registry.parse_and_resolve([{"id": "1", "function": {"name": asked, "arguments": "{}"}}])
    return bool(resolved)


def scenario(params):
    need("stageflow.tools:ToolRegistry.parse_and_resolve")
    expect(found(params["how"], "calculator"), "the tool named calculator is found", "not found")


def control(params):
    expect(found(params["how"], "CALCULATE"), "the tool for CALCULATE is found", "not found")
