"""A tool call or undo that was done is not also reported as failed because its bookkeeping failed."""

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool action that was done is reported as completed and as failed when the undo store fails",
    claim="A call emits tool.completed or tool.failed and an undo tool.undone or tool.undo_failed, never both.",
    source="docs/guides/tools.md#tool-events",
    component="stageflow.tools.AdvancedToolExecutor.execute",
    subsystem="tools",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=False,
    impact="The caller gets ToolExecutionError for an action that was done and does it again; events say both.",
    recommendation="Keep the try block around the handler only, and report a failure of the undo store on its own.",
    workaround="Catch errors inside the undo store.",
)

UNDO = "stageflow.tools.executor_v2:AdvancedToolExecutor.undo_action #bookkeeping"
CASES = (
    Case("storing fails", {"fails": "store"}, cause="stageflow.tools.executor_v2:AdvancedToolExecutor.execute #bookkeeping"),
    Case(
        "deleting fails",
        {"fails": "delete"},
        "An undo that was done is reported as undone and as failed when the undo store fails",
        "stageflow.tools.AdvancedToolExecutor.undo_action",
        UNDO,
    ),
)
ENDS = ("tool.completed", "tool.failed", "tool.undone", "tool.undo_failed")


class BrokenStore:
    """The target's undo store behind a connection of which one operation fails."""

    def __init__(self, fails):
        self.fails, self.inner = fails, need("stageflow.tools:UndoStore")()

    async def store(self, **given):
        if self.fails == "store":
            raise ConnectionError("store away")
        return await self.inner.store(**given)

    async def get(self, action_id):
        return await self.inner.get(action_id)

    async def delete(self, action_id):
        if self.fails == "delete":
            raise ConnectionError("store away")
        return await self.inner.delete(action_id)


async def ends(fails):
    """The ends that the executor reports for one call and one undo, and how often each handler ran."""
    runs = {"handler": 0, "undo": 0}

    async def handler(given):
        runs["handler"] += 1
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        runs["undo"] += 1

    sink = RecordingSink()
    need("stageflow.events:set_event_sink")(sink)
    executor = need("stageflow.tools:AdvancedToolExecutor")(undo_store=BrokenStore(fails))
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name="edit", action_type="edit", handler=handler, undoable=True, undo_handler=undo))
    action = Action("edit")
    await outcome(executor.execute(action, pipeline_context()))
    if fails != "store":
        await outcome(executor.undo_action(action.id, pipeline_context()))
    kinds = [kind for kind, _ in sink.events if kind in ENDS]
    return [[kind for kind in kinds if "undo" not in kind], [kind for kind in kinds if "undo" in kind]], runs


async def scenario(params):
    (of_call, of_undo), _ = await ends(params["fails"])
    if params["fails"] == "store":
        expect_equal(len(of_call), 1, "ends reported for one call (tool.completed, tool.failed)")
    else:
        expect_equal(len(of_undo), 1, "ends reported for one undo (tool.undone, tool.undo_failed)")


async def control(params):
    (of_call, of_undo), runs = await ends("nothing")
    expect_equal([of_call, of_undo, runs], [["tool.completed"], ["tool.undone"], {"handler": 1, "undo": 1}], "ends, runs of the handlers")
