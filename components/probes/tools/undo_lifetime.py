"""Undo data lives for its time to live in seconds, is used up by undo, and survives a failed undo."""

import asyncio

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Undo data does not live as long as its time to live",
    claim="An action can be undone until its time to live in seconds is over, once; a failed undo can be tried again.",
    source="docstring:stageflow.tools.UndoStore.store",
    component="stageflow.tools.UndoStore",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Users cannot take back what they did a moment ago, or can long after the data is stale.",
    recommendation="Let entries expire ttl seconds after they were stored.",
)

CASES = (
    Case("30 s, at once", {"ttl": 30.0, "wait": 0.2, "seen": True, "via": "store"}),
    Case("50 ms, later", {"ttl": 0.05, "wait": 0.2, "seen": False, "via": "store"}),
    Case("default of the store, at once", {"ttl": None, "wait": 0.2, "seen": True, "via": "store"}),
    Case("executor, 30 s, at once", {"ttl": 30.0, "wait": 0.2, "seen": True, "via": "executor"}),
    Case("executor, 50 ms, later", {"ttl": 0.05, "wait": 0.2, "seen": False, "via": "executor"}),
    Case("used up", {"ttl": 30.0, "wait": 0.0, "seen": [True, False], "via": "twice"}),
    Case("failed undo", {"ttl": 30.0, "wait": 0.0, "seen": ["ToolUndoError", True], "via": "failing"}),
)


async def from_store(params):
    store, action = need("stageflow.tools:UndoStore")(), Action("edit")
    await store.store(action.id, "edit", {"before": 1}, ttl_seconds=params["ttl"])
    await asyncio.sleep(params["wait"])
    return await store.get(action.id) is not None


async def through_executor(params, undos):
    failures = ["once"] if params["via"] == "failing" else []

    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        if failures:
            failures.pop()
            raise OSError("disk away")

    config = need("stageflow.tools:ToolExecutorConfig")(undo_ttl_seconds=params["ttl"])
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config)
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name="edit", action_type="edit", handler=handler, undoable=True, undo_handler=undo))
    action = Action("edit")
    await executor.execute(action, pipeline_context())
    await asyncio.sleep(params["wait"])
    answers = [await outcome(executor.undo_action(action.id, pipeline_context())) for _ in range(undos)]
    return [type(error).__name__ if error else answer for answer, error in answers]


async def scenario(params):
    if params["via"] == "store":
        seen = await from_store(params)
    elif params["via"] == "executor":
        seen = (await through_executor(params, 1))[0]
    else:
        seen = await through_executor(params, 2)
    want = params["seen"] if isinstance(params["seen"], bool) else list(params["seen"])
    expect_equal(seen, want, "whether it can be undone")


def control(params):
    alive = (params["ttl"] or 3600.0) > params["wait"]
    want = {"twice": [True, False], "failing": ["ToolUndoError", True]}.get(params["via"], alive)
    expect_equal(want, params["seen"] if isinstance(params["seen"], bool) else list(params["seen"]), "by arithmetic")
