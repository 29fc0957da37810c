"""The errors of the tool executor name the tool, the action and the cause."""

from uuid import UUID

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="An error raised by the tool executor does not tell which tool or action failed, or why",
    claim="The error carries the tool, the action, request, mode or limit it is about, and the original exception.",
    source="docs/guides/tools.md#tool-errors",
    component="stageflow.tools.AdvancedToolExecutor.execute",
    subsystem="tools",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Who handles the error cannot tell which action to repeat.",
    recommendation="Pass every field when the error is made, and chain the original with `from`.",
    virtual_time=True,
)

CASES = (
    Case("unknown", {"how": "unknown", "want": ["ToolNotFoundError", {"action_type": "other", "tool": "other"}, "None"]}),
    Case(
        "wrong mode",
        {
            "how": "gated",
            "want": ["ToolDeniedError", {"tool": "edit", "behavior": "practice", "allowed_behaviors": ["admin", "root"]}, "None"],
        },
    ),
    Case("handler raises", {"how": "raise", "want": ["ToolExecutionError", {"tool": "edit", "action_id": "id", "cause": "no"}, "OSError"]}),
    Case(
        "approval timed out",
        {
            "how": "expire",
            "want": [
                "ToolApprovalTimeoutError",
                {"tool": "edit", "request_id": "id", "timeout_seconds": 7.5, "reason": "timeout"},
                "TimeoutError",
            ],
        },
    ),
    Case("approval denied", {"how": "refuse", "want": ["ToolApprovalDeniedError", {"tool": "edit", "reason": "user_denied"}, "None"]}),
    Case(
        "undo raises",
        {"how": "undo", "want": ["ToolUndoError", {"tool": "edit", "action_id": "id", "reason": "no way back"}, "OSError"]},
        component="stageflow.tools.AdvancedToolExecutor.undo_action",
    ),
)


class Service:
    """Stands for the target's approval service: answers at once."""

    def __init__(self, how):
        self.how, self.inner, self.ids = how, need("stageflow.tools:ApprovalService")(), set()

    async def request_approval(self, **given):
        request = await self.inner.request_approval(**given)
        self.ids.add(request.id)
        if self.how == "refuse":
            await self.inner.record_decision(request.id, granted=False)
        return request

    async def await_decision(self, request_id, timeout_seconds=None):
        return await self.inner.await_decision(request_id, timeout_seconds=timeout_seconds)


def executor_for(how, service):
    async def handler(given):
        if how == "raise":
            raise OSError("no")
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        raise OSError("no way back")

    config = need("stageflow.tools:ToolExecutorConfig")(approval_timeout_seconds=7.5)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, approval_service=service)
    executor.register(
        need("stageflow.tools:ToolDefinition")(
            name="edit",
            action_type="edit",
            handler=handler,
            undoable=True,
            undo_handler=undo,
            allowed_behaviors=("admin", "root") if how == "gated" else (),
            requires_approval=how in ("expire", "refuse"),
        )
    )
    return executor


def told(value, ids):
    if isinstance(value, UUID):
        return "id" if value in ids else "another id"
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Exception) else value


async def scenario(params):
    how, ctx = params["how"], pipeline_context(execution_mode="practice")
    service, action = Service(how), Action("other" if how == "unknown" else "edit")
    executor = executor_for(how, service)
    _, error = await outcome(executor.execute(action, ctx))
    if how == "undo":
        _, error = await outcome(executor.undo_action(action.id, ctx))
    ids = service.ids if how == "expire" else {action.id}
    kind, fields, cause = params["want"]
    seen = {name: told(getattr(error, name, "missing"), ids) for name in fields}
    expect_equal(
        [type(error).__name__, seen, type(getattr(error, "__cause__", None)).__name__.replace("NoneType", "None")],
        [kind, dict(fields), cause],
        "error, its fields, its cause",
    )


def control(params):
    kind, fields, _ = params["want"]
    error = type(kind, (Exception,), dict(fields))()
    expect_equal({name: getattr(error, name) for name in fields}, dict(fields), "fields of a plain exception")
