"""A normalised response has each tool call once, with id, name, arguments and the function as providers take it back."""

import json

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import ScriptedModel

PROBE = Probe(
    title="The tool calls of a normalised response have wrong fields",
    claim="Each call has id and call_id, name, arguments as a dictionary, its type, and under function name and arguments as JSON text.",
    source="docstring:stageflow.helpers.LLMResponse",
    component="stageflow.agent.TypedLLMResult.response",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The call cannot be sent back to the provider in the next request.",
    recommendation="Fill the fields from the provider's call.",
)

CASES = (
    Case(
        "text arguments",
        {"call": {"id": "c1", "type": "function", "function": {"name": "act", "arguments": '{"a": 1}'}}, "type": "function"},
    ),
    Case("dictionary", {"call": {"id": "c1", "function": {"name": "act", "arguments": {"a": 1}}}, "type": "function"}),
    Case("flat", {"call": {"id": "c1", "type": "tool_use", "name": "act", "input": {"a": 1}}, "type": "tool_use"}),
    Case("legacy", {"legacy": {"id": "c1", "name": "act", "arguments": '{"a": 1}'}, "type": "function"}),
)


async def scenario(params):
    reply = {"content": '{"word": "yes"}'}
    reply |= {"function_call": params["legacy"]} if "legacy" in params else {"tool_calls": [params["call"]]}

    class Answer(need("pydantic:BaseModel")):
        """What the model has to say."""

        word: str

    typed = need("stageflow.agent:TypedLLMOutput")(Answer)
    result, error = await outcome(typed.generate(ScriptedModel(reply), [], model="m"))
    expect_equal(type(error).__name__, "NoneType", "error")
    calls = result.response.tool_calls
    expect_equal(len(calls), 1, "calls in the response")
    call = calls[0]
    seen = [call.get(name) for name in ("id", "call_id", "name", "arguments", "type")]
    expect_equal(seen, ["c1", "c1", "act", {"a": 1}, params["type"]], "id, call_id, name, arguments, type")
    function = call.get("function") or {}
    written = function.get("arguments")
    again = json.loads(written) if isinstance(written, str) else written
    expect_equal(
        [function.get("name"), isinstance(written, str), again], ["act", True, {"a": 1}], "function: name, arguments are text, arguments"
    )


def control(params):
    given = params.get("legacy") or params["call"]
    inner = given.get("function", given)
    arguments = inner.get("arguments", inner.get("input"))
    expect_equal(json.loads(arguments) if isinstance(arguments, str) else arguments, {"a": 1}, "arguments in the reply")
