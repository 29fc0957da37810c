"""Payloads that do not fit a tool's input schema do not reach its handler."""

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="ToolDefinition.input_schema is documented as the schema for input validation, but no payload is validated against it",
    claim="input_schema is the JSON Schema for input validation: a payload that violates it is refused before the handler runs.",
    source="docstring:stageflow.tools.ToolDefinition",
    component="stageflow.tools.ToolDefinition",
    subsystem="tools",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A model's made-up arguments go straight into tools that trust their schema.",
    recommendation="Validate the payload against input_schema in execute(), or say that the schema is only shown to the model.",
    workaround="Validate in every handler.",
    cause="stageflow.tools.executor_v2:AdvancedToolExecutor.execute #input-schema",
)

CASES = (
    Case("required field missing", {"payload": {}}),
    Case("wrong type", {"payload": {"amount": "all of it"}}),
)
SCHEMA = {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}


async def refused(params, check):
    calls = []

    async def handler(given):
        if check and not isinstance(given.payload.get("amount"), int):
            return need("stageflow.tools:ToolOutput").fail("amount must be a number")
        calls.append("call")
        return need("stageflow.tools:ToolOutput").ok(data={})

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    executor.register(need("stageflow.tools:ToolDefinition")(name="pay", action_type="pay", handler=handler, input_schema=SCHEMA))
    await outcome(executor.execute(Action("pay", params["payload"]), pipeline_context()))
    expect(not calls, "the payload is refused", "the handler ran with it")


async def scenario(params):
    await refused(params, False)


async def control(params):
    await refused(params, True)
