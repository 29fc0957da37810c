"""A tool registered with the decorator is in the registry's list."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool

PROBE = Probe(
    title="Tools registered with @tool are missing from ToolRegistry.list() until first used",
    claim="list() lists all registered tools, also those registered with the @tool decorator; an agent's prompt is made from that list.",
    source="docs/guides/tools.md#registering-tools",
    component="stageflow.tools.ToolRegistry.list_tools",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The model is told that there are no tools and answers without them.",
    recommendation="Create the tools of registered factories in list_tools().",
    workaround="Call get_tool() once for every decorated tool at start-up, or register instances.",
    cause="stageflow.tools.registry:ToolRegistry.list_tools",
)

CASES = (Case("decorator", {"how": "decorator"}),)


def listed(how):
    need("stageflow.tools:clear_tool_registry")()

    class Search(FunctionTool):
        """A tool that needs no arguments to be made."""

        def __init__(self):
            super().__init__("SEARCH", dict, name="search")

    if how == "decorator":
        need("stageflow.tools:tool")("SEARCH", name="search", description="Search for information")(Search)
    else:
        need("stageflow.tools:register_tool")(Search())
    return [found.action_type for found in need("stageflow.tools:get_tool_registry")().list()]


def scenario(params):
    expect_equal(listed(params["how"]), ["SEARCH"], "action types of the listed tools")


def control(params):
    expect_equal(listed("instance"), ["SEARCH"], "action types of the listed tools")
