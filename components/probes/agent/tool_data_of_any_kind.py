"""A tool may return dates, ids and decimals."""

import datetime
import decimal
import uuid

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import FunctionTool, ScriptedModel, final_answer, registry_of, tool_request

PROBE = Probe(
    title="The agent crashes after a tool that returns a date, an id or a decimal",
    claim="Each tool result is fed back to the model: data of the declared type dict[str, Any] does not end the run.",
    source="docs/guides/agents.md#functional-tool-loop",
    component="stageflow.agent.PromptSecurityPolicy.build_tool_message",
    subsystem="agent",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="The tool has done its work, then the run dies with a TypeError: a caller that tries again does the work twice.",
    recommendation="Dump the tool result with model_dump(mode='json'), or serialise it with default=str.",
    workaround="Return JSON types only.",
    cause="stageflow.agent.security:PromptSecurityPolicy.build_tool_message #not-json",
)

CASES = (
    Case("date", {"kind": "date"}),
    Case("UUID", {"kind": "uuid"}),
    Case("decimal", {"kind": "decimal"}),
)
VALUES = {
    "date": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    "uuid": uuid.UUID(int=5),
    "decimal": decimal.Decimal("9.99"),
}


async def ends(value):
    model = ScriptedModel(tool_request("book"), final_answer("booked"))
    agent = need("stageflow.agent:Agent")(
        llm_client=model, tool_registry=registry_of(FunctionTool("book", lambda payload: {"when": value}))
    )
    _, error = await outcome(agent.run("book it"))
    expect(error is None, "the run ends with the final answer", f"{type(error).__name__}")


async def scenario(params):
    await ends(VALUES[params["kind"]])


async def control(params):
    await ends(str(VALUES[params["kind"]]))
