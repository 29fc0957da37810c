"""Events and approval requests show the payload, shortened only where a value is long."""

import asyncio

from components.lab.crashes import no_crash
from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="The payload summary of a tool call leaves out or changes what was asked for",
    claim=(
        "The summary has every key of the payload; values up to 200 characters are unchanged, of longer texts the first 200 are kept, "
        "and of longer lists and dictionaries the number of items."
    ),
    source="docstring:stageflow.tools.executor_v2._summarize_payload",
    component="stageflow.tools.AdvancedToolExecutor",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The human who approves an action decides on something else than what is done.",
    recommendation="Shorten only texts and containers longer than the limit.",
    virtual_time=True,
)

CASES = (
    Case("short values", {"payload": {"n": 12345, "f": 0.5, "b": True, "none": None, "text": "hello", "list": [1, "a"], "dict": {"k": 1}}}),
    Case("text at the limit", {"payload": {"text": "x" * 200}}),
    Case("text one longer", {"payload": {"text": "x" * 201}}),
    Case("long list", {"payload": {"list": [1000 + number for number in range(100)]}}),
    Case("long dictionary", {"payload": {"dict": {f"key{number}": number for number in range(60)}}}),
    Case("empty", {"payload": {}}),
)


def fair(value, shown):
    """Whether `shown` is what the summary of `value` may be."""
    if isinstance(value, str) and len(value) > 200:
        return isinstance(shown, str) and shown.startswith(value[:200]) and len(shown) <= 203 and "x" not in shown[200:]
    if isinstance(value, list | dict) and len(str(value)) > 200:
        return isinstance(shown, str) and str(len(value)) in shown and type(value).__name__ in shown
    return type(shown) is type(value) and shown == value


def wrong_keys(payload, shown):
    return sorted({*payload, *shown} - {key for key in payload if key in shown and fair(payload[key], shown[key])})


async def scenario(params):
    with no_crash("the call is played"):
        await checked(params)


async def checked(params):
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok()

    sink, service = RecordingSink(), need("stageflow.tools:ApprovalService")()
    need("stageflow.events:set_event_sink")(sink)
    executor = need("stageflow.tools:AdvancedToolExecutor")(approval_service=service)
    executor.register(need("stageflow.tools:ToolDefinition")(name="act", action_type="act", handler=handler, requires_approval=True))
    running = asyncio.ensure_future(outcome(executor.execute(Action("act", dict(params["payload"])), pipeline_context())))
    await asyncio.sleep(1)
    asked = await service.get_pending_requests()
    running.cancel()
    shown = [data.get("payload_summary") for data in sink.of("tool.invoked")] + [request.payload_summary for request in asked]
    if len(shown) != 2 or None in shown:
        raise Violation("a summary in tool.invoked and one in the approval request", f"{len(shown)} summaries")
    expect_equal([wrong_keys(params["payload"], each) for each in shown], [[], []], "keys shown wrongly in the event and in the request")


def control(params):
    shown = {key: str(value)[:200] if isinstance(value, str) else value for key, value in params["payload"].items()}
    shown |= {
        key: f"{type(value).__name__} of {len(value)}"
        for key, value in params["payload"].items()
        if isinstance(value, list | dict) and len(str(value)) > 200
    }
    expect_equal(wrong_keys(params["payload"], shown), [], "keys shown wrongly")
