"""The handler gets the action with its context, its output is returned, and its undo data comes back to the undo handler."""

from components.lab.crashes import no_crash
from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool's handler or undo handler gets something else than the action or what was stored",
    claim=(
        "The handler is called once with the action's id and payload, the tool's name and the context's ids and mode; its output is "
        "returned; undo data is stored exactly for undoable tools that succeeded and gave some, and reaches the undo handler."
    ),
    source="docstring:stageflow.tools.AdvancedToolExecutor.execute",
    component="stageflow.tools.AdvancedToolExecutor.execute",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A tool acts for another request, or an action cannot be taken back.",
    recommendation="Build the input from the action and context, and store the undo data under the action's id.",
)

UNDO = "stageflow.tools.AdvancedToolExecutor.undo_action"
CASES = (
    Case("input", {"what": "input"}),
    Case(
        "undoable",
        {"what": "undo", "undoable": True, "handler": True, "success": True, "data": {"a": [1]}, "want": [True, True, False]},
        component=UNDO,
    ),
    Case(
        "not undoable",
        {"what": "undo", "undoable": False, "handler": True, "success": True, "data": {"a": 1}, "want": [False, False, False]},
    ),
    Case("no undo data", {"what": "undo", "undoable": True, "handler": True, "success": True, "data": None, "want": [False, False, False]}),
    Case("refused", {"what": "undo", "undoable": True, "handler": True, "success": False, "data": {"a": 1}, "want": [False, False, False]}),
    Case(
        "no undo handler",
        {"what": "undo", "undoable": True, "handler": False, "success": True, "data": {"a": 1}, "want": [True, False, True]},
        component=UNDO,
    ),
    Case("store given", {"what": "store"}, component="stageflow.tools.AdvancedToolExecutor.undo_store"),
    Case("unknown action", {"what": "unknown action"}, component=UNDO),
    Case("tool gone", {"what": "tool gone"}, component=UNDO),
)


async def given_input():
    calls, made = [], need("stageflow.tools:ToolOutput").ok(data={"sum": 5})

    async def handler(given):
        calls.append(given)
        return made

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    executor.register(need("stageflow.tools:ToolDefinition")(name="adder", action_type="ADD", handler=handler))
    action, ctx = Action("ADD", {"a": 2}), pipeline_context(execution_mode="practice")
    output, error = await outcome(executor.execute(action, ctx))
    expect_equal([type(error).__name__, output is made, len(calls)], ["NoneType", True, 1], "error, the handler's output, calls")
    want = {"action_id": action.id, "tool_name": "adder", "payload": {"a": 2}, "behavior": "practice"}
    want |= {"pipeline_run_id": ctx.pipeline_run_id, "request_id": ctx.request_id}
    wrong = [name for name, value in want.items() if getattr(calls[0], name, "missing") != value]
    expect_equal(wrong, [], "wrong fields of the handler's input")


def executor_of(params, undone):
    async def handler(given):
        return need("stageflow.tools:ToolOutput")(success=params["success"], data={}, undo_metadata=params["data"])

    async def undo(metadata):
        undone.append(metadata)

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    definition = need("stageflow.tools:ToolDefinition")
    undo_handler = undo if params["handler"] else None
    executor.register(definition(name="edit", action_type="edit", handler=handler, undoable=params["undoable"], undo_handler=undo_handler))
    return executor


async def undo_data(params):
    need("stageflow.tools:clear_undo_store")()
    store, undone, action, ctx = need("stageflow.tools:get_undo_store")(), [], Action("edit"), pipeline_context()
    executor = executor_of(params, undone)
    await outcome(executor.execute(action, ctx))
    stored = await store.get(action.id)
    if stored:
        seen = [stored.action_id == action.id, stored.tool_name, stored.undo_data]
        expect_equal(seen, [True, "edit", params["data"]], "stored: for this action, tool, data")
    answer, error = await outcome(executor.undo_action(action.id, ctx))
    seen = [stored is not None, type(error).__name__ if error else answer, await store.get(action.id) is not None]
    expect_equal(seen, list(params["want"]), "undo data stored, answer of undo_action, data still there")
    expect_equal(
        [each == stored for each in undone], [True] if params["want"][1] else [], "calls of the undo handler: with what was stored"
    )


class KeepingStore:
    """Stands for an undo store of somebody else's."""

    def __init__(self):
        self.kept = {}

    async def store(self, action_id, tool_name, undo_data, ttl_seconds=None):
        self.kept[action_id] = [tool_name, undo_data, ttl_seconds]


async def own_store():
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"a": 1})

    store, action = KeepingStore(), Action("edit")
    config = need("stageflow.tools:ToolExecutorConfig")(undo_ttl_seconds=12.5)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, undo_store=store)
    executor.register(need("stageflow.tools:ToolDefinition")(name="edit", action_type="edit", handler=handler, undoable=True))
    await outcome(executor.execute(action, pipeline_context()))
    expect_equal(store.kept.get(action.id), ["edit", {"a": 1}, 12.5], "tool, data and time to live in the store that was given")


async def nothing_to_undo(what):
    undone, action, ctx = [], Action("edit"), pipeline_context()
    executor = executor_of({"success": True, "data": {"a": 1}, "undoable": True, "handler": True}, undone)
    if what == "tool gone":
        await outcome(executor.execute(action, ctx))
        executor = need("stageflow.tools:AdvancedToolExecutor")()
    answer, error = await outcome(executor.undo_action(action.id, ctx))
    expect_equal([type(error).__name__ if error else answer, len(undone)], [False, 0], "answer of undo_action, calls of the undo handler")


async def scenario(params):
    with no_crash("the call is played"):
        await checked(params)


async def checked(params):
    if params["what"] == "input":
        await given_input()
    elif params["what"] == "store":
        await own_store()
    else:
        await (undo_data(params) if params["what"] == "undo" else nothing_to_undo(params["what"]))


def control(params):
    stored = {"edit": params["data"]} if params.get("undoable") and params["success"] and params["data"] else {}
    undone = bool(stored) and params["handler"]
    expect_equal([bool(stored), undone, bool(stored) and not undone], list(params.get("want", [False] * 3)), "by rule")
