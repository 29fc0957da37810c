"""Records of tools and agents that are made with what is required have the documented defaults."""

import uuid

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="A record of the tools or the agent has another default than documented",
    claim="What is not given to a record is empty, off, zero or the documented default.",
    source="docs/api/tools.md#tooldefinition",
    component="stageflow.tools.ToolDefinition",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tools ask for approval, can be undone or are counted although nobody said so.",
    recommendation="Restore the default of the field.",
)

TOOL = {"description": "", "input_schema": {}, "allowed_behaviors": (), "requires_approval": False, "approval_message": None}
TOOL |= {"undoable": False, "undo_handler": None, "artifact_type": None}
OUTPUT = {"data": None, "error": None, "artifacts": None}
RESULT = {"actions_executed": 0, "actions_failed": 0, "artifacts_produced": [], "requires_reentry": False, "error": None}
DENIAL = {"was_approved": False, "was_denied": False, "denial_reason": None}
AGENT = {"max_turns": 4, "max_validation_retries": 2, "temperature": 0.0, "max_tokens": None}
DIFF = {"changes": [], "additions": 0, "deletions": 0, "unchanged": 0, "similarity": 1.0, "old_content": None, "new_content": None}
REQUEST = {"pipeline_run_id": None, "approval_message": "", "decided_by": None, "decided_at": None, "payload_summary": {}}
TABLE = {
    "stageflow.tools:ToolDefinition": (["name", "action_type", "handler"], TOOL),
    "stageflow.tools:ToolExecutorConfig": ([], {"approval_timeout_seconds": 60.0, "undo_ttl_seconds": 3600.0, "emit_events": True}),
    "stageflow.tools:ExecutionResult": (["success"], {"output": None, "error": None, "duration_ms": 0.0, **DENIAL}),
    "stageflow.tools:ToolOutput": (["success"], {**OUTPUT, "undo_metadata": None}),
    "stageflow.tools.base:ToolOutput": (["success"], OUTPUT),
    "stageflow.tools:ToolInput": (["action_id", "tool_name", "payload"], {"behavior": None, "pipeline_run_id": None, "request_id": None}),
    "stageflow.tools.executor:ToolExecutorResult": ([], {**RESULT, "subpipeline_runs": []}),
    "stageflow.tools:DiffLine": (["type", "content"], {"line_number_old": None, "line_number_new": None}),
    "stageflow.tools:DiffResult": (["diff_type", "diff_output"], DIFF),
    "stageflow.tools:ApprovalRequest": (["id", "action_id", "tool_name"], {**REQUEST, "status": "pending"}),
    "stageflow.tools:ApprovalDecision": (["request_id", "granted"], {"decided_by": None, "reason": None}),
    "stageflow.tools:ToolInvokedEvent": (["tool_name", "action_id"], {"payload_summary": {}, "behavior": None, "request_id": None}),
    "stageflow.tools:ToolCompletedEvent": (["tool_name", "action_id"], {"duration_ms": 0.0, "output_summary": {}, "artifacts_count": 0}),
    "stageflow.tools:ToolFailedEvent": (["tool_name", "action_id"], {"duration_ms": 0.0, "error_message": ""}),
    "stageflow.tools:ToolDeniedEvent": (["tool_name", "action_id"], {"reason": "", "behavior": None, "allowed_behaviors": ()}),
    "stageflow.tools:ToolUndoneEvent": (["tool_name", "action_id"], {"duration_ms": 0.0, "original_action_timestamp": None}),
    "stageflow.tools:ToolUndoFailedEvent": (["tool_name", "action_id"], {"error_message": "", "reason": ""}),
    "stageflow.tools.registry:ResolvedToolCall": (["tool", "call_id", "name", "arguments"], {"raw": None}),
    "stageflow.tools.registry:UnresolvedToolCall": (["call_id", "name", "arguments", "error"], {"raw": None}),
    "stageflow.agent:AgentConfig": ([], AGENT),
    "stageflow.agent:AgentTurn": (["final_answer"], {"thought": None, "tool_calls": []}),
    "stageflow.agent:PromptSecurityReport": (["source", "allowed", "sanitized_text", "guardrail"], {"truncated": False}),
    "stageflow.agent:RenderedPrompt": (["name", "version", "content"], {"variables": {}, "metadata": {}}),
    "stageflow.agent:TypedLLMResult": (["response", "parsed", "attempts"], {"validation_errors": ()}),
    "stageflow.agent:PromptTemplate": (["name", "version", "template"], {"description": "", "metadata": {}}),
}
VALUES = {"success": True, "granted": False, "payload": {}, "arguments": {}}


def cases():
    return tuple(Case(name, {"record": name}, component=name.replace(":", ".")) for name in TABLE)


def values_for(names):
    return {name: VALUES.get(name, uuid.UUID(int=1) if name.endswith("id") and name != "call_id" else f"{name} given") for name in names}


def differing(record, given, defaults):
    return sorted(name for name, value in {**defaults, **given}.items() if getattr(record, name, "missing") != value)


def scenario(params):
    kind, (required, defaults) = need(params["record"]), TABLE[params["record"]]
    given = values_for(required)
    try:
        record = kind(**given)
    except Exception as error:
        raise Violation(f"{kind.__name__} made with {', '.join(required)}", f"{type(error).__name__} raised") from error
    expect_equal(differing(record, given, defaults), [], f"fields of {kind.__name__} that are not as given or documented")


def control(params):
    required, defaults = TABLE[params["record"]]
    given = values_for(required)
    plain = type("Plain", (), {**defaults, **given})()
    expect_equal(differing(plain, given, defaults), [], "fields of a plain record")
