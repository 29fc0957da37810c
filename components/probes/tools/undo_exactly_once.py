"""One action is undone once, however often undo is asked for."""

import asyncio

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Two concurrent undo_action() calls undo the same action twice",
    claim="An action is undone at most once: a second request for it, also a concurrent one, finds nothing left to undo.",
    source="invariant:exactly once",
    component="stageflow.tools.AdvancedToolExecutor.undo_action",
    subsystem="tools",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A double click on undo reverses the action twice.",
    recommendation="Take the metadata out of the store before running the handler, and put it back when the handler fails.",
    workaround="Serialise undo requests per action.",
    virtual_time=True,
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor.undo_action #twice",
)

CASES = (Case("2 at once", {"requests": 2, "gap": 0.0}), Case("5 at once", {"requests": 5, "gap": 0.0}))


async def undo_count(params, gap):
    undone = []

    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        undone.append("undo")
        await asyncio.sleep(1)

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name="refund", action_type="refund", handler=handler, undoable=True, undo_handler=undo))
    action = Action("refund")
    await executor.execute(action, pipeline_context())

    async def later(number):
        await asyncio.sleep(number * gap)
        await outcome(executor.undo_action(action.id, pipeline_context()))

    await asyncio.gather(*(later(number) for number in range(params["requests"])))
    expect_equal(len(undone), 1, "runs of the undo handler for one action")


async def scenario(params):
    await undo_count(params, params["gap"])


async def control(params):
    await undo_count(params, 5.0)
