"""The executor uses the undo store it is given."""

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="AdvancedToolExecutor ignores the UndoStore passed to it while that store is empty",
    claim="An undo store given to the constructor is the one that undo data is written to.",
    source="docstring:stageflow.tools.AdvancedToolExecutor",
    component="stageflow.tools.AdvancedToolExecutor.__init__",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Undo data of executors that should be separate, one per tenant say, all lands in one global store.",
    recommendation="Test the argument with `is None`: UndoStore has __len__, so an empty one is false.",
    workaround="Use set_undo_store(), or put an entry into the store before passing it.",
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor.__init__",
)

CASES = (Case("empty store", {"entries": 0}),)


async def stored_in_mine(entries):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    store = need("stageflow.tools:UndoStore")()
    for _ in range(entries):
        await store.store(Action("other").id, "other", {"before": 0})
    executor = need("stageflow.tools:AdvancedToolExecutor")(undo_store=store)
    executor.register(need("stageflow.tools:ToolDefinition")(name="edit", action_type="edit", handler=handler, undoable=True))
    action = Action("edit")
    await executor.execute(action, pipeline_context())
    expect(await store.get(action.id) is not None, "the undo data is in the store that was passed in", "it is somewhere else")


async def scenario(params):
    await stored_in_mine(params["entries"])


async def control(params):
    await stored_in_mine(1)
