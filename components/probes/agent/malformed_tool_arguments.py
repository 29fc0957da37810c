"""Tool arguments that are no valid JSON make the agent ask again instead of calling the tool without arguments."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of

PROBE = Probe(
    title="A native tool call whose arguments are no JSON object is executed with empty arguments",
    claim=(
        "When the model answers with something that is no valid JSON object the agent retries with corrective feedback; a tool is never "
        "called with arguments nobody sent."
    ),
    source="docs/guides/agents.md#typed-validation-with-retries",
    component="stageflow.agent.TypedLLMOutput",
    subsystem="agent",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A call whose arguments were cut off or misspelt, such as delete with a folder, is executed with none at all.",
    recommendation="Treat undecodable or non-object arguments as a validation error.",
    workaround="Make every tool refuse payloads without its required fields.",
    cause="stageflow.agent.validation:_coerce_arguments",
)

CASES = (
    Case("truncated", {"arguments": '{"folder": "/tmp/old'}),
    Case("list", {"arguments": '["/tmp/old"]'}),
    Case("plain text", {"arguments": "/tmp/old"}),
)


async def payloads(arguments):
    reply = {"content": "", "tool_calls": [{"id": "c1", "function": {"name": "delete", "arguments": arguments}}]}
    tool, model = FunctionTool("delete", lambda payload: {}), ScriptedModel(reply, final_answer("done"))
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of(tool))
    await outcome(agent.run("clean up"))
    return [dict(payload) for payload in tool.calls]


async def scenario(params):
    expect_equal(await payloads(params["arguments"]), [], "payloads the tool was called with")


async def control(params):
    expect_equal(await payloads('{"folder": "/tmp/old"}'), [{"folder": "/tmp/old"}], "payloads the tool was called with")
