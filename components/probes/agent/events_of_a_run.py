"""An agent run inside a pipeline reports its turns and tools."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of, tool_request

PROBE = Probe(
    title="Events of an agent run are missing or wrong",
    claim=(
        "Each turn emits agent.turn.started with its number, each tool agent.tool.executed with its success, and the end agent.completed."
    ),
    source="invariant:telemetry",
    component="stageflow.agent.Agent",
    subsystem="agent",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="What an agent did cannot be reconstructed.",
    recommendation="Emit one event per step.",
)

CASES = (
    Case("one tool", {"tool": "act", "want": ["turn 1", "act True", "turn 2", "completed 2"]}),
    Case("unknown tool", {"tool": "nobody", "want": ["turn 1", "nobody False", "turn 2", "completed 2"]}),
    Case("no tool", {"tool": None, "want": ["turn 1", "completed 1"]}),
)


def told(kind, data):
    if kind == "agent.turn.started":
        return f"turn {data['turn']}"
    return f"{data['tool']} {data['success']}" if kind == "agent.tool.executed" else f"completed {data['turns']}"


async def scenario(params):
    sink, replies = RecordingSink(), [tool_request(params["tool"])] if params["tool"] else []
    agent = need("stageflow.agent:Agent")(
        llm_client=ScriptedModel(*replies, final_answer("done")), tool_registry=registry_of(FunctionTool("act", dict))
    )
    pipe = need("stageflow:Pipeline")().with_stage("agent", need("stageflow.agent:AgentStage")(agent), need("stageflow:StageKind").AGENT)
    await outcome(graph(pipe, []).run(context(input_text="go", event_sink=sink)))
    seen = [told(kind, data) for kind, data in sink.events if kind.startswith("agent.")]
    expect_equal(seen, list(params["want"]), "events in order")


async def control(params):
    sink = RecordingSink()
    pipeline_context(event_sink=sink).try_emit_event("agent.turn.started", {"turn": 1})
    expect_equal([told(kind, data) for kind, data in sink.events], list(params["want"])[:1], "an event emitted by hand")
