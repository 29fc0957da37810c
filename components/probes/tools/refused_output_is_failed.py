"""A tool that answers ToolOutput.fail() is reported as failed."""

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool that returns ToolOutput.fail() emits tool.completed instead of tool.failed",
    claim="tool.completed means success and tool.failed failure, also when the handler reports the failure in its output.",
    source="docs/guides/tools.md#tool-events",
    component="stageflow.tools.AdvancedToolExecutor.execute",
    subsystem="tools",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Failure rates of tools that follow the documented error style are always zero.",
    recommendation="Emit tool.failed when output.success is false.",
    workaround="Raise in the handler, or read output_summary.success of tool.completed.",
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor.execute #failed-output",
)

CASES = (Case("ToolOutput.fail", {"how": "output"}),)


async def last_event(how):
    async def handler(given):
        if how == "raise":
            raise OSError("no such document")
        return need("stageflow.tools:ToolOutput").fail("no such document")

    sink = RecordingSink()
    need("stageflow.events:set_event_sink")(sink)
    executor = need("stageflow.tools:AdvancedToolExecutor")()
    executor.register(need("stageflow.tools:ToolDefinition")(name="edit", action_type="edit", handler=handler))
    await outcome(executor.execute(Action("edit"), pipeline_context()))
    expect_equal(sink.events[-1][0], "tool.failed", "last event of a failed tool")


async def scenario(params):
    await last_event(params["how"])


async def control(params):
    await last_event("raise")
