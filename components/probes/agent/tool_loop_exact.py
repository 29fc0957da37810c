"""Every tool call of a turn is made once, in order, with its arguments."""

import json

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of

PROBE = Probe(
    title="The agent leaves out, repeats or reorders tool calls",
    claim="All tool calls of a model turn are executed exactly once, in the order given, and all results come back in that order.",
    source="docs/guides/agents.md#functional-tool-loop",
    component="stageflow.agent.Agent.run",
    subsystem="agent",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Actions are lost or done twice.",
    recommendation="Loop once over turn.tool_calls.",
)

CASES = (
    Case("one call", {"turns": [[1]]}),
    Case("three calls in a turn", {"turns": [[1, 2, 3]]}),
    Case("two turns", {"turns": [[1, 2], [3, 3]]}),
)


def reply(numbers):
    calls = [{"name": "note", "arguments": {"n": number}, "call_id": f"c{place}"} for place, number in enumerate(numbers)]
    return json.dumps({"tool_calls": calls})


async def scenario(params):
    model, tool = ScriptedModel(*map(reply, params["turns"]), final_answer("done")), FunctionTool("note", dict)
    agent = need("stageflow.agent:Agent")(llm_client=model, tool_registry=registry_of(tool))
    result, error = await outcome(agent.run("go"))
    if error is not None:
        raise Violation("the run ends with an answer", f"{type(error).__name__} raised")
    flat = [number for numbers in params["turns"] for number in numbers]
    seen = [[payload["n"] for payload in tool.calls], [found.data["n"] for found in result.tool_results], result.response]
    expect_equal(seen, [flat, flat, "done"], "calls of the tool, results, response")


async def control(params):
    flat = [number for numbers in params["turns"] for number in numbers]
    expect_equal([json.loads(reply(flat))["tool_calls"][0]["arguments"]["n"]], flat[:1], "first call in a reply")
