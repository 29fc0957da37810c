"""A tool that needs approval runs only after somebody granted it, in time."""

import asyncio

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool that requires approval runs without it, or waits another time than configured",
    claim=(
        "The handler runs only after approval; a denial, a cancelled request or no decision within approval_timeout_seconds "
        "keeps it from running."
    ),
    source="docs/guides/tools.md#approval-flows",
    component="stageflow.tools.AdvancedToolExecutor.execute",
    subsystem="tools",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Accounts are deleted without the human that was asked.",
    recommendation="Await the decision for the configured seconds and run the handler on granted only.",
    virtual_time=True,
)

CASES = (
    Case("granted after 5 s", {"decision": "grant", "after": 5.0, "timeout": 60.0, "want": ["call", "ok", 5.0]}),
    Case("denied after 5 s", {"decision": "deny", "after": 5.0, "timeout": 60.0, "want": ["ToolApprovalDeniedError", 5.0]}),
    Case("cancelled after 5 s", {"decision": "cancel", "after": 5.0, "timeout": 60.0, "want": ["ToolApprovalDeniedError", 5.0]}),
    Case("no decision", {"decision": "none", "after": 5.0, "timeout": 20.0, "want": ["ToolApprovalTimeoutError", 20.0]}),
    Case("granted too late", {"decision": "grant", "after": 25.0, "timeout": 20.0, "want": ["ToolApprovalTimeoutError", 20.0]}),
    Case("granted at the last moment", {"decision": "grant", "after": 19.0, "timeout": 20.0, "want": ["call", "ok", 19.0]}),
    Case("default time-out", {"decision": "none", "after": 5.0, "timeout": None, "want": ["ToolApprovalTimeoutError", 60.0]}),
)


async def decide(service, params):
    await asyncio.sleep(params["after"])
    for request in await service.get_pending_requests():
        if params["decision"] == "cancel":
            await service.cancel_request(request.id)
        elif params["decision"] != "none":
            await service.record_decision(request.id, granted=params["decision"] == "grant")


async def scenario(params):
    log = []

    async def handler(given):
        log.append("call")
        return need("stageflow.tools:ToolOutput").ok(data={})

    service = need("stageflow.tools:ApprovalService")()
    options = {} if params["timeout"] is None else {"approval_timeout_seconds": params["timeout"]}
    config = need("stageflow.tools:ToolExecutorConfig")(**options)
    executor = need("stageflow.tools:AdvancedToolExecutor")(config=config, approval_service=service)
    executor.register(need("stageflow.tools:ToolDefinition")(name="wipe", action_type="wipe", handler=handler, requires_approval=True))
    clock, human = asyncio.get_running_loop(), asyncio.ensure_future(decide(service, params))
    began = clock.time()
    _, error = await outcome(executor.execute(Action("wipe"), pipeline_context()))
    seen = [*log, type(error).__name__ if error else "ok", round(clock.time() - began, 1)]
    await asyncio.wait([human])
    expect_equal(seen, list(params["want"]), "handler calls, end, seconds")


async def control(params):
    limit = params["timeout"] or 60.0
    decided = params["decision"] != "none" and params["after"] < limit
    granted = decided and params["decision"] == "grant"
    end = ["call", "ok"] if granted else ["ToolApprovalDeniedError"] if decided else ["ToolApprovalTimeoutError"]
    expect_equal([*end, params["after"] if decided else limit], list(params["want"]), "by rule")
