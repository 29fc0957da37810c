"""Executing an action that no tool handles is a failed output that names the action type."""

from components.lab.crashes import no_crash
from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action, FunctionTool, registry_of

PROBE = Probe(
    title="An unknown action type is not reported as such",
    claim="The registry's output for an unknown action type is a failure whose error names it; the executor knows what it can execute.",
    source="docs/guides/tools.md#graceful-degradation",
    component="stageflow.tools.ToolRegistry.execute",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The agent believes that an action was done for which there is no tool.",
    recommendation="Return a failed output with the action type in its error.",
)

EXECUTOR = "stageflow.tools.AdvancedToolExecutor"
CASES = (
    Case("registry", {"who": "registry", "types": []}),
    Case("registry with another tool", {"who": "registry", "types": ["ADD"]}),
    Case("executor knows", {"who": "executor", "types": ["ADD", "WIPE"]}, component=f"{EXECUTOR}.can_execute"),
    Case("executor, registered again", {"who": "executor", "types": ["ADD", "ADD"]}, component=f"{EXECUTOR}.register"),
    Case("abstract tool", {"who": "base", "types": []}, component="stageflow.tools.BaseTool.execute"),
)


async def in_registry(types):
    output, error = await outcome(registry_of(*(FunctionTool(kind, dict) for kind in types)).execute(Action("SUBTRACT"), {}))
    seen = type(error).__name__ if error else [output.success, output.data, "SUBTRACT" in (output.error or "")]
    expect_equal(seen, [False, None, True], "success, data, whether the error names the type")


def in_executor(types):
    executor, last = need("stageflow.tools:AdvancedToolExecutor")(), {}
    for place, kind in enumerate(types):
        last[kind] = need("stageflow.tools:ToolDefinition")(name=f"{kind}{place}", action_type=kind, handler=None)
        executor.register(last[kind])
    for kind in ("ADD", "WIPE", "add", "ADD0"):
        seen = [executor.can_execute(kind), executor.get_tool(kind) is last.get(kind)]
        expect_equal(seen, [kind in last, True], f"can execute {kind}, get_tool gives the last one registered for {kind}")


async def abstract():
    base = need("stageflow.tools:BaseTool")
    unfinished = type("Unfinished", (base,), {"name": "half done", "description": "", "action_type": "HALF"})()
    _, error = await outcome(unfinished.execute(None, {}))
    expect_equal([type(error).__name__, "half done" in str(error)], ["NotImplementedError", True], "error, whether it names the tool")
    expect_equal("half done" in repr(unfinished), True, "whether the text of a tool names it")


async def scenario(params):
    with no_crash("the look-up ends"):
        await checked(params)


async def checked(params):
    if params["who"] == "executor":
        in_executor(params["types"])
    else:
        await (in_registry(params["types"]) if params["who"] == "registry" else abstract())


def control(params):
    known = dict.fromkeys(params["types"])
    expect_equal("SUBTRACT" in known, False, "unknown to a dictionary")
