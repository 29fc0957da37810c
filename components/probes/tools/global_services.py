"""The global approval service, undo store and tool registry are one each until they are replaced or cleared."""

from components.lab.crashes import no_crash
from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool

PROBE = Probe(
    title="A global service of the tools is not the one that was set, or survives its clearing",
    claim="get_*() gives the same object every time, the one passed to set_*(), and a fresh empty one after clear_*().",
    source="docstring:stageflow.tools.clear_tool_registry",
    component="stageflow.tools.get_tool_registry",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The user interface decides requests of one service while the executor waits for another, or tests see each other's tools.",
    recommendation="Keep exactly one instance per process and replace it in set and clear only.",
)

NAMES = {"approval service": "ApprovalService", "undo store": "UndoStore", "tool registry": "ToolRegistry"}


def cases():
    for what in NAMES:
        function = what.replace(" ", "_")
        for step in ("get", "clear") if what == "tool registry" else ("get", "set", "clear"):
            yield Case(
                f"{step} {what}", {"what": what, "step": step, "functions": function}, component=f"stageflow.tools.{step}_{function}"
            )


async def fill(what, held):
    """Put one thing into the service, so that it can be told from a fresh one."""
    if what == "approval service":
        await held.request_approval(need("uuid:UUID")(int=1), "wipe")
    elif what == "undo store":
        await held.store(need("uuid:UUID")(int=1), "wipe", {"before": 1})
    else:
        held.register(FunctionTool("wipe", dict))


async def size(what, held):
    if what == "tool registry":
        return len(held.list_tools())
    return len(await (held.get_pending_requests() if what == "approval service" else held.get_all()))


async def scenario(params):
    with no_crash("the services work"):
        await checked(params)


async def checked(params):
    what, step = params["what"], params["step"]
    functions = {name: need(f"stageflow.tools:{name}_{params['functions']}") for name in {"get", step}}
    kind = need(f"stageflow.tools:{NAMES[what]}")
    (first, error), (again, _) = await outcome(called(functions["get"])), await outcome(called(functions["get"]))
    expect_equal(
        [type(error).__name__, type(first).__name__, first is again], ["NoneType", kind.__name__, True], "error, kind, the same again"
    )
    await fill(what, first)
    expect_equal(await size(what, functions["get"]()), 1, f"what is in the {what} after something was put into it")
    if step == "set":
        mine = kind()
        functions["set"](mine)
        expect_equal(functions["get"]() is mine, True, f"the {what} is the one that was set")
    if step == "clear":
        functions["clear"]()
        fresh = functions["get"]()
        seen = [fresh is first, await size(what, fresh), fresh is functions["get"]()]
        expect_equal(seen, [False, 0, True], f"the {what} after clearing: the old one, its contents, the same again")


async def called(function):
    return function()


def control(params):
    held = []
    held.append(params["what"])
    expect_equal([len(held), held[0] is params["what"]], [1, True], "a list with one thing in it")
