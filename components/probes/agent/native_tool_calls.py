"""A tool call arrives with its name, arguments and id in whatever form a provider writes it."""

from types import SimpleNamespace

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of

PROBE = Probe(
    title="A native tool call of a provider loses its name, arguments or id",
    claim="Tool calls in a reply, or in its message, are executed with their arguments, whether these are a dictionary or JSON text.",
    source="docs/guides/agents.md#functional-tool-loop",
    component="stageflow.agent.Agent.run",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The action that the model asked for is done with other arguments, or not at all.",
    recommendation="Read name, arguments and id from every place where providers put them.",
)

TEXT = '{"b": [1], "a": "ü"}'
FULL = {"id": "c1", "type": "function", "function": {"name": "act", "arguments": TEXT}}
ROWS = (
    ("text arguments", {"tool_calls": [FULL]}, ["c1"]),
    ("dictionary", {"tool_calls": [{"id": "c1", "function": {"name": "act", "arguments": {"b": [1], "a": "ü"}}}]}, ["c1"]),
    ("in the message", {"choices": [{"message": {"content": None, "tool_calls": [FULL]}}]}, ["c1"]),
    ("flat, arguments", {"tool_calls": [{"id": "c1", "name": "act", "arguments": TEXT}]}, ["c1"]),
    ("flat, input", {"tool_calls": [{"id": "c1", "name": "act", "input": {"b": [1], "a": "ü"}}]}, ["c1"]),
    ("flat, args", {"tool_calls": [{"id": "c1", "name": "act", "args": {"b": [1], "a": "ü"}}]}, ["c1"]),
    ("call_id", {"tool_calls": [{"call_id": "c7", "name": "act", "arguments": TEXT}]}, ["c7"]),
    ("tool_call_id", {"tool_calls": [{"tool_call_id": "c8", "name": "act", "arguments": TEXT}]}, ["c8"]),
    ("number as id", {"tool_calls": [{"id": 5, "name": "act", "arguments": TEXT}]}, ["5"]),
    ("no ids", {"tool_calls": [{"name": "act", "arguments": TEXT}, {"name": "act", "arguments": TEXT}]}, [None, None]),
    ("not in a list", {"tool_calls": {"id": "c1", "name": "act", "arguments": TEXT}}, ["c1"]),
    ("function_call", {"function_call": {"name": "act", "arguments": TEXT}}, [None]),
    ("function_call in the message", {"message": {"function_call": {"id": "c3", "name": "act", "arguments": TEXT}}}, ["c3"]),
    ("beside prose", {"content": "I will look that up.", "tool_calls": [FULL]}, ["c1"]),
    ("two calls", {"tool_calls": [FULL, {**FULL, "id": "c2"}]}, ["c1", "c2"]),
)


NAMED = {"model": "m1", "provider": "acme"}
DIRECT = {"id": "c9", "name": "act", "arguments": {"b": [1], "a": "ü"}}


def cases():
    yield Case("LLMResponse", {"form": "LLMResponse", "reply": {"tool_calls": [DIRECT]}, "ids": ["c9"]})
    yield Case("LLMResponse, call_id", {"form": "LLMResponse", "reply": {"tool_calls": [{**DIRECT, "call_id": "c8"}]}, "ids": ["c8"]})
    for form in ("dict", "object"):
        for name, reply, ids in ROWS:
            yield Case(f"{form}: {name}", {"form": form, "reply": reply, "ids": ids})


def as_object(value, name=""):
    """Dictionaries as objects, but for the arguments of a call."""
    if isinstance(value, dict) and name not in ("arguments", "input", "args"):
        return SimpleNamespace(**{inner: as_object(each, inner) for inner, each in value.items()})
    return [as_object(each) for each in value] if isinstance(value, list) and name not in ("arguments", "input", "args") else value


async def scenario(params):
    reply = {"content": "", **params["reply"]}
    forms = {"object": as_object, "dict": dict, "LLMResponse": lambda fields: need("stageflow.helpers:LLMResponse")(**NAMED, **fields)}
    model = ScriptedModel(forms[params["form"]](reply), final_answer("done"))
    tool = FunctionTool("act", lambda payload: {})
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of(tool))
    result, error = await outcome(agent.run("go"))
    if error is not None:
        raise Violation("the tool is called and the run ends", f"{type(error).__name__} raised")
    ids, wanted = [found.call_id for found in result.tool_results], list(params["ids"])
    expect_equal([dict(payload) for payload in tool.calls], [{"b": [1], "a": "ü"}] * len(wanted), "payloads the tool was called with")
    expect_equal([wanted[place] or ids[place] for place in range(len(ids))], ids, "ids of the results")
    expect_equal([len(set(ids)), all(ids)], [len(wanted), True], "different ids, none empty")
    expect_equal([result.iterations, len(model.requests)], [2, 2], "turns, requests")


def control(params):
    plain = as_object({"a": {"b": 1}, "arguments": {"c": 2}})
    expect_equal([plain.a.b, plain.arguments], [1, {"c": 2}], "an object of a dictionary")
