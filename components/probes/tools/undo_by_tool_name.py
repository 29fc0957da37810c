"""An action can be undone whatever the tool is called."""

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="undo_action() never works when a tool's name differs from its action type",
    claim="undo_action() runs the undo handler of a successful undoable action and answers True.",
    source="docstring:stageflow.tools.AdvancedToolExecutor.undo_action",
    component="stageflow.tools.AdvancedToolExecutor.undo_action",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="With the documented naming (edit_document, EDIT_DOCUMENT) nothing can ever be undone, and only a return value says so.",
    recommendation="Find the tool by name: the store holds tool.name while the executor's dictionary is keyed by action type.",
    workaround="Give the tool the same name as its action type.",
)

CASES = (
    Case(
        "name like the documentation",
        {"name": "edit_document", "action_type": "EDIT_DOCUMENT"},
        cause="stageflow.tools.executor_v2:AdvancedToolExecutor.undo_action #name",
    ),
    Case("same name", {"name": "EDIT_DOCUMENT", "action_type": "EDIT_DOCUMENT"}, component="stageflow.tools.AdvancedToolExecutor"),
)


async def undone(name, action_type):
    seen = []

    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        seen.append(metadata.undo_data)

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name=name, action_type=action_type, handler=handler, undoable=True, undo_handler=undo))
    action = Action(action_type)
    await executor.execute(action, pipeline_context())
    answer = await executor.undo_action(action.id, pipeline_context())
    expect_equal([answer, seen], [True, [{"before": 1}]], "answer of undo_action, and what the undo handler got")


async def scenario(params):
    await undone(params["name"], params["action_type"])


async def control(params):
    await undone(params["action_type"], params["action_type"])
