"""Whatever form a provider's reply has, its text, model and token counts arrive."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import ScriptedModel, registry_of

PROBE = Probe(
    title="A provider's reply loses text or token counts on its way",
    claim="Text, model, provider usage and cached tokens of a reply are in the agent's result, whether it is a string, a dict or choices.",
    source="docs/guides/agents.md#provider-contract",
    component="stageflow.agent.TypedLLMOutput",
    subsystem="agent",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Costs are billed to nobody.",
    recommendation="Copy each field from where the provider puts it.",
)

ANSWER = '{"final_answer": "yes"}'
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}
CASES = (
    Case("string", {"reply": ANSWER, "want": ["yes", "mock-model", 0, 0, 0]}),
    Case("dict", {"reply": {"content": ANSWER, "model": "m1", "usage": USAGE}, "want": ["yes", "m1", 11, 7, 3]}),
    Case(
        "choices",
        {"reply": {"model": "m1", "choices": [{"message": {"content": ANSWER}}], "usage": USAGE}, "want": ["yes", "m1", 11, 7, 3]},
    ),
    Case(
        "content parts",
        {
            "reply": {"content": [{"type": "text", "text": ANSWER[:9]}, {"type": "text", "text": ANSWER[9:]}]},
            "want": ["yes", "mock-model", 0, 0, 0],
        },
    ),
    Case("no usage", {"reply": {"content": ANSWER, "usage": None}, "want": ["yes", "mock-model", 0, 0, 0]}),
)


async def scenario(params):
    reply = dict(params["reply"]) if isinstance(params["reply"], dict) else params["reply"]
    agent = need("stageflow.agent:Agent")(llm_client=ScriptedModel(reply), tool_registry=registry_of())
    result, error = await outcome(agent.run("hello"))
    llm = result.llm if result else {}
    seen = [result.response if result else type(error).__name__]
    seen += [llm.get(name) for name in ("model", "input_tokens", "output_tokens", "cached_tokens")]
    expect_equal(seen, list(params["want"]), "answer, model, tokens in, tokens out, cached tokens")


async def control(params):
    usage = params["reply"].get("usage") if isinstance(params["reply"], dict) else None
    tokens = [11, 7, 3] if usage else [0, 0, 0]
    expect_equal(tokens, list(params["want"])[2:], "tokens by hand")
