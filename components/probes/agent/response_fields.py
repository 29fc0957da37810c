"""Every field of a provider's reply arrives, whether it is a dictionary or an object."""

from types import SimpleNamespace

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import ScriptedModel

PROBE = Probe(
    title="A field of a provider's reply is lost or taken from the wrong place",
    claim=(
        "A reply may be a string, a dict, an LLMResponse or any object with content, model and optional usage: its text, model, provider, "
        "token counts and finish reason arrive, and a usage that is no number counts as 0."
    ),
    source="docs/guides/agents.md#provider-contract",
    component="stageflow.agent.TypedLLMOutput.generate",
    subsystem="agent",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Costs and cut off answers of one provider are not seen.",
    recommendation="Read each field from the reply, its first choice or its message.",
)

ANSWER = '{"word": "yes"}'
USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}
TOKENS = {"input_tokens": 11, "output_tokens": 7, "cached_tokens": 3}
NONE = {"input_tokens": 0, "output_tokens": 0, "cached_tokens": 0}
ROWS = (
    (
        "everything",
        {"content": ANSWER, "model": "m1", "provider": "acme", "finish_reason": "stop", "usage": USAGE},
        {"model": "m1", "provider": "acme", "finish_reason": "stop", **TOKENS},
    ),
    ("the least", {"content": ANSWER}, {"model": "asked-model", "finish_reason": None, **NONE}),
    (
        "choices",
        {"choices": [{"message": {"content": ANSWER}, "finish_reason": "length"}, {"message": {"content": "no"}}], "usage": USAGE},
        {"finish_reason": "length", **TOKENS},
    ),
    ("message", {"message": {"content": ANSWER}, "finish_reason": "stop"}, {"finish_reason": "stop"}),
    ("no choices", {"choices": [], "content": ANSWER}, {}),
    ("parts", {"content": [{"type": "text", "text": ANSWER[:6]}, {"type": "text", "text": ANSWER[6:]}]}, {}),
    ("parts of parts", {"content": [{"content": ANSWER[:6]}, ANSWER[6:]]}, {}),
    ("empty content, message", {"content": "", "choices": [{"message": {"content": ANSWER}}]}, {}),
    ("output_text", {"output_text": ANSWER}, {}),
    ("refusal", {"refusal": ANSWER}, {}),
    ("refusal in the message", {"choices": [{"message": {"content": None, "refusal": ANSWER}}]}, {}),
    ("output", {"output": [{"content": [{"type": "output_text", "text": ANSWER}]}]}, {}),
    (
        "cache read tokens",
        {"content": ANSWER, "usage": {"prompt_tokens": 5, "prompt_tokens_details": {"cache_read_input_tokens": 2}}},
        {"input_tokens": 5, "output_tokens": 0, "cached_tokens": 2},
    ),
    ("odd usage", {"content": ANSWER, "usage": {"prompt_tokens": "many", "completion_tokens": None}}, NONE),
    (
        "tokens as text",
        {"content": ANSWER, "usage": {"prompt_tokens": "12", "completion_tokens": 3}},
        {"input_tokens": 12, "output_tokens": 3},
    ),
)


def cases():
    yield Case("string", {"form": "string", "reply": {"content": ANSWER}, "want": {"model": "asked-model", **NONE}})
    yield Case("bytes", {"form": "bytes", "reply": {"content": ANSWER}, "want": {}})
    yield Case(
        "LLMResponse", {"form": "LLMResponse", "reply": {"content": ANSWER, "model": "m1", "provider": "acme"}, "want": {"model": "m1"}}
    )
    for form in ("dict", "object"):
        for name, reply, want in ROWS:
            yield Case(f"{form}: {name}", {"form": form, "reply": reply, "want": want})


def as_object(value):
    if isinstance(value, dict):
        return SimpleNamespace(**{name: as_object(inner) for name, inner in value.items()})
    return value


def reply_of(params):
    form, reply = params["form"], dict(params["reply"])
    if form == "string":
        return reply["content"]
    if form == "LLMResponse":
        return need("stageflow.helpers:LLMResponse")(**reply)
    if form == "bytes":
        return reply | {"content": reply["content"].encode()}
    inner = {name: [as_object(each) for each in value] if name == "choices" else value for name, value in reply.items()}
    return as_object({name: value for name, value in inner.items()}) if form == "object" else reply


async def scenario(params):
    class Answer(need("pydantic:BaseModel")):
        """What the model has to say."""

        word: str

    reply = reply_of(params)
    typed = need("stageflow.agent:TypedLLMOutput")(Answer)
    result, error = await outcome(typed.generate(ScriptedModel(reply), [], model="asked-model", max_retries=0))
    seen = type(error).__name__ if error else result.parsed.word
    expect_equal(seen, "yes", "the answer in the reply")
    want = dict(params["want"])
    expect_equal({name: getattr(result.response, name) for name in want}, want, "fields of the response")
    if params["form"] in ("dict", "object"):
        expect_equal(result.response.raw_response is reply, True, "the raw reply is kept")


def control(params):
    usage = params["reply"].get("usage") or {}
    known = {"input_tokens": usage.get("prompt_tokens", 0), "output_tokens": usage.get("completion_tokens", 0)}
    plain = {name: int(value) if str(value).isdigit() else 0 for name, value in known.items()}
    expect_equal(plain, {name: params["want"].get(name, value) for name, value in plain.items()}, "tokens by hand")
