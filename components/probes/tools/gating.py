"""A tool runs only in the execution modes it allows."""

from components.lab.flow import outcome, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="A tool runs in an execution mode it does not allow",
    claim=(
        "With allowed_behaviors a tool runs exactly in those execution modes, otherwise in all; elsewhere ToolDeniedError, and "
        "no handler call."
    ),
    source="docs/guides/tools.md#behavior-gating",
    component="stageflow.tools.AdvancedToolExecutor.execute",
    subsystem="tools",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Administrative tools can be used in normal conversations.",
    recommendation="Check the mode before approval and handler.",
)

CASES = (
    Case("allowed", {"allowed": ["admin", "debug"], "mode": "admin", "want": ["call", "ok"]}),
    Case("second allowed", {"allowed": ["admin", "debug"], "mode": "debug", "want": ["call", "ok"]}),
    Case("not allowed", {"allowed": ["admin"], "mode": "practice", "want": ["ToolDeniedError"]}),
    Case("part of an allowed name", {"allowed": ["admin"], "mode": "adm", "want": ["ToolDeniedError"]}),
    Case("no mode", {"allowed": ["admin"], "mode": None, "want": ["ToolDeniedError"]}),
    Case("no gate", {"allowed": [], "mode": "practice", "want": ["call", "ok"]}),
    Case("unknown action", {"allowed": [], "mode": "practice", "type": "other", "want": ["ToolNotFoundError"]}),
)


async def scenario(params):
    log = []

    async def handler(given):
        log.append("call")
        return need("stageflow.tools:ToolOutput").ok(data={})

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name="wipe", action_type="wipe", handler=handler, allowed_behaviors=tuple(params["allowed"])))
    action = Action(params.get("type", "wipe"))
    _, error = await outcome(executor.execute(action, pipeline_context(execution_mode=params["mode"])))
    expect_equal([*log, type(error).__name__ if error else "ok"], list(params["want"]), "handler calls and end")


def control(params):
    if params.get("type"):
        seen = ["ToolNotFoundError"]
    else:
        seen = ["call", "ok"] if not params["allowed"] or params["mode"] in params["allowed"] else ["ToolDeniedError"]
    expect_equal(seen, list(params["want"]), "by rule")
