"""Neither a broken event sink nor switched off events change what a tool call does and returns."""

import asyncio

from components.lab.flow import RecordingSink, outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Telemetry of the tool executor changes what the tool call does",
    claim="A tool call ends the same whether its events are kept, are lost in a sink that raises, or are switched off; off means none.",
    source="docs/api/tools.md#toolexecutorconfig",
    component="stageflow.tools.ToolExecutorConfig.emit_events",
    subsystem="tools",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=False,
    default_setup=False,
    impact="An outage of the event backend stops every agent, or an action that was done is reported as failed.",
    recommendation="Catch every exception of the sink where events are emitted, and emit nothing when emit_events is false.",
    virtual_time=True,
)

HOWS = {
    "ok": "done",
    "raise": "ToolExecutionError",
    "gated": "ToolDeniedError",
    "grant": "done",
    "refuse": "ToolApprovalDeniedError",
    "expire": "ToolApprovalTimeoutError",
    "undo": "undone",
    "undo fails": "ToolUndoError",
}


def cases():
    yield Case("switched on, ok", {"how": "ok", "sink": "keeps"}, component="stageflow.tools.AdvancedToolExecutor.execute")
    for sink in ("raises", "off"):
        for how in HOWS:
            component = "stageflow.tools.AdvancedToolExecutor" if sink == "raises" else ""
            yield Case(f"{sink}, {how}", {"how": how, "sink": sink}, component=component)


class BrokenSink(RecordingSink):
    """Keeps every event and raises."""

    async def emit(self, *, type, data):
        await super().emit(type=type, data=data)
        raise [RuntimeError, OSError, LookupError, TypeError][len(self.events) % 4]("backend away")


def executor_for(how, service, emit):
    async def handler(given):
        if how == "raise":
            raise OSError("no")
        return need("stageflow.tools:ToolOutput").ok(data={"said": "done"}, undo_metadata={"before": 1})

    async def undo(metadata):
        if how == "undo fails":
            raise OSError("no")

    options = {} if emit else {"emit_events": False}
    config = need("stageflow.tools:ToolExecutorConfig")(approval_timeout_seconds=5, **options)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, approval_service=service)
    executor.register(
        need("stageflow.tools:ToolDefinition")(
            name="edit",
            action_type="edit",
            handler=handler,
            undoable=True,
            undo_handler=undo,
            allowed_behaviors=("admin",) if how == "gated" else (),
            requires_approval=how in ("grant", "refuse", "expire"),
        )
    )
    return executor


async def ended(how, executor, service):
    action, ctx = Action("edit"), pipeline_context()
    running = asyncio.ensure_future(outcome(executor.execute(action, ctx)))
    await asyncio.sleep(1)
    for request in await service.get_pending_requests() if how in ("grant", "refuse") else ():
        await service.record_decision(request.id, granted=how == "grant")
    output, error = await running
    if how.startswith("undo"):
        done, error = await outcome(executor.undo_action(action.id, ctx))
        return type(error).__name__ if error else "undone" if done else "not undone"
    return type(error).__name__ if error else output.data["said"]


async def scenario(params):
    sink = BrokenSink() if params["sink"] == "raises" else RecordingSink()
    need("stageflow.events:set_event_sink")(sink)
    service = need("stageflow.tools:ApprovalService")()
    executor = executor_for(params["how"], service, params["sink"] != "off")
    seen = [await ended(params["how"], executor, service), bool(sink.events)]
    expect_equal(seen, [HOWS[params["how"]], params["sink"] != "off"], "end of the call, whether events were emitted")


async def control(params):
    sink = BrokenSink()
    _, error = await outcome(sink.emit(type="a", data={}))
    expect_equal([type(error).__name__, len(sink.events)], ["OSError", 1], "what the sink raises, events it has")
