"""The registry finds exactly the tools that were registered, the latest for each action type."""

from components.lab.probe import Case, Probe, expect_equal
from components.lab.tool_kit import Action, FunctionTool, registry_of

PROBE = Probe(
    title="The tool registry finds the wrong tool",
    claim=(
        "A tool is found under its action type by every lookup, factories make one tool each, and executing an unknown type is a "
        "failed output."
    ),
    source="docs/api/tools.md#toolregistry",
    component="stageflow.tools.ToolRegistry",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An agent's action is done by another tool, or by none.",
    recommendation="Look tools up by their exact action type.",
)

CASES = (
    Case("found", {"asked": "add", "seen": [True, True, True, 3, 1]}),
    Case("other case", {"asked": "ADD", "seen": [False, False, False, None, 0]}),
    Case("unknown", {"asked": "subtract", "seen": [False, False, False, None, 0]}),
    Case("from a factory", {"asked": "made", "seen": [True, True, True, 4, 1]}),
    Case("registered again", {"asked": "twice", "seen": [True, True, True, 5, 1]}),
)


async def scenario(params):
    made = []

    def factory():
        made.append(FunctionTool("made", lambda payload: {"sum": 4}))
        return made[-1]

    first, again = FunctionTool("twice", lambda payload: {"sum": 0}), FunctionTool("twice", lambda payload: {"sum": 5})
    add = FunctionTool("add", lambda payload: {"sum": payload["a"] + payload["b"]})
    registry = registry_of(add, FunctionTool("other", dict), first, again)
    registry.register_factory("made", factory)
    asked = params["asked"]
    outputs = [await registry.execute(Action(asked, {"a": 1, "b": 2}), {}) for _ in range(2)]
    calls = len({"add": add.calls, "made": made[0].calls if made else [], "twice": again.calls}.get(asked, [])) // 2
    found = [registry.can_execute(asked), asked in registry, registry.get_tool(asked) is not None]
    seen = [*found, (outputs[0].data or {}).get("sum") if outputs[0].success else None, calls]
    expect_equal(seen, list(params["seen"]), "can_execute, in, get_tool, result, calls of the tool")


def control(params):
    tools = {"add": 3, "made": 4, "twice": 5}
    known = params["asked"] in tools
    expect_equal([known] * 3 + [tools.get(params["asked"]), int(known)], list(params["seen"]), "with a dictionary")
