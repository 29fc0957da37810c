"""However a tool is registered, every look-up finds it, and it gets the action and the context."""

from components.lab.crashes import no_crash
from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action, FunctionTool

PROBE = Probe(
    title="A registered tool is not found, or is called with something else than the action and context",
    claim=(
        "A tool that was registered by instance, factory or decorator is found by every look-up under its action type, listed in order "
        "of registration, made once, and executed with the action and the context given."
    ),
    source="docs/guides/tools.md#tool-registry",
    component="stageflow.tools.ToolRegistry.register",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="An agent is told that a tool it was given does not exist, or the tool works without its context.",
    recommendation="Let all look-ups and aliases use the same two dictionaries.",
)

CASES = (
    Case("register", {"way": "register"}),
    Case("register_tool of the registry", {"way": "alias"}, component="stageflow.tools.ToolRegistry.register_tool"),
    Case("register_tool", {"way": "global"}, component="stageflow.tools.register_tool"),
    Case("factory", {"way": "factory"}, component="stageflow.tools.ToolRegistry.register_factory"),
    Case("decorator", {"way": "decorator"}, component="stageflow.tools.tool"),
)
LOOKUPS = ("get_tool", "get", "get_by_action_type")
TESTS = ("can_execute", "has", "__contains__")


class Keeper(FunctionTool):
    """Keeps the input and context of every call."""

    made = 0

    def __init__(self, action_type="KEEP"):
        super().__init__(action_type, dict)
        Keeper.made += 1
        self.given = []

    async def execute(self, input, ctx):
        self.given.append((input.action, ctx))
        return need("stageflow.tools.base:ToolOutput")(success=True, data={"type": input.action.type}, artifacts=[{"n": 1}])


def registered(way):
    """The registry with the tool in it, put there in one of the ways; whether the way gave back what it should."""
    need("stageflow.tools:clear_tool_registry")()
    Keeper.made = 0
    if way in ("register", "alias", "factory"):
        registry = need("stageflow.tools:ToolRegistry")()
        tool = None if way == "factory" else Keeper()
        if way == "factory":
            registry.register_factory("KEEP", Keeper)
        else:
            need(f"stageflow.tools:ToolRegistry.{'register' if way == 'register' else 'register_tool'}")(registry, tool)
        return registry, True
    registry = need("stageflow.tools:get_tool_registry")()
    if way == "global":
        need("stageflow.tools:register_tool")(Keeper())
        return registry, True
    return registry, need("stageflow.tools:tool")("KEEP", name="keeper", description="keeps")(Keeper) is Keeper


async def scenario(params):
    with no_crash("the registry works"):
        await checked(params)


async def checked(params):
    need("stageflow.tools:ToolRegistry.has")
    registry, given_back = registered(params["way"])
    expect_equal([getattr(registry, name)("KEEP") for name in TESTS], [True] * 3, f"answers of {', '.join(TESTS)}")
    found = [getattr(registry, name)("KEEP") for name in LOOKUPS]
    same = all(each is found[0] for each in found) and type(found[0]) is Keeper
    expect_equal(
        [same, Keeper.made, given_back], [True, 1, True], "every look-up gives the tool, tools made, the decorator gives the class"
    )
    action, ctx = Action("KEEP", {"a": 1}), {"user": "u"}
    output, error = await outcome(registry.execute(action, ctx))
    seen = [type(error).__name__, output and [output.success, output.data, output.artifacts]]
    expect_equal(seen, ["NoneType", [True, {"type": "KEEP"}, [{"n": 1}]]], "error, output")
    calls = [[each is action, dict(context)] for each, context in found[0].given]
    expect_equal(calls, [[True, ctx]], "calls: whether with the action, context")
    registry.register(Keeper("LAST"))
    listed = [[tool.action_type for tool in tools] for tools in (registry.list_tools(), registry.list())]
    expect_equal(listed, [["KEEP", "LAST"]] * 2, "tools listed")
    missing = [*(getattr(registry, name)("keep") for name in LOOKUPS), *(getattr(registry, name)("KEE") for name in TESTS)]
    expect_equal(missing, [None] * 3 + [False] * 3, "look-ups of other names")


def control(params):
    kept = {"KEEP": Keeper}
    expect_equal([kept.get("KEEP") is Keeper, kept.get("keep")], [True, None], "look-ups in a dictionary")
