"""Undo metadata and tool inputs survive their dictionaries."""

import json
from datetime import UTC, datetime
from uuid import UUID

from components.lab.crashes import no_crash
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import Action

PROBE = Probe(
    title="Tool records lose values in their dictionaries",
    claim=(
        "UndoMetadata comes back from to_dict() unchanged, also through JSON; ToolInput takes ids, payload and mode from action "
        "and context."
    ),
    source="invariant:round trip",
    component="stageflow.tools.UndoMetadata",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="An undo store with a database behind it restores other data than was saved.",
    recommendation="Write and read every field.",
)

CASES = (
    Case("undo data", {"what": "undo", "data": {"before": [1, {"k": None}], "text": "ü", "flag": False}}),
    Case("empty undo data", {"what": "undo", "data": {}}),
    Case("undo data without a time", {"what": "undo of old", "data": {"a": 1}}),
    Case("tool input without a context", {"what": "bare input", "data": {"a": 1}}, component="stageflow.tools.ToolInput"),
    Case("tool input", {"what": "input", "data": {"a": [1, 2]}}, component="stageflow.tools.ToolInput"),
    Case("tool output", {"what": "output", "data": {"a": None}}, component="stageflow.tools.ToolOutput"),
)


def scenario(params):
    with no_crash("the record is made"):
        checked(params)


def checked(params):
    if params["what"] == "undo":
        kind = need("stageflow.tools:UndoMetadata")
        first = kind(action_id=UUID(int=3), tool_name="edit", undo_data=params["data"], created_at="2026-01-01T00:00:00+00:00")
        try:
            again = kind.from_dict(json.loads(json.dumps(first.to_dict())))
        except Exception as error:
            raise Violation("the metadata after a round trip", f"{type(error).__name__} raised") from error
        expect_equal(again == first, True, "the metadata is equal after a round trip")
    elif params["what"] == "undo of old":
        kind, begun = need("stageflow.tools:UndoMetadata"), datetime.now(UTC)
        made = kind.from_dict({"action_id": str(UUID(int=3)), "tool_name": "edit", "undo_data": params["data"]})
        fresh = begun <= datetime.fromisoformat(made.created_at) <= datetime.now(UTC)
        expect_equal(
            [made.action_id, made.tool_name, made.undo_data, fresh], [UUID(int=3), "edit", params["data"], True], "fields; time is now"
        )
    elif params["what"] == "bare input":
        made = need("stageflow.tools:ToolInput").from_action(Action("edit", params["data"]), "editor")
        expect_equal(
            [made.tool_name, made.payload, made.behavior, made.pipeline_run_id, made.request_id],
            ["editor", params["data"], None, None, None],
            "tool, payload, mode, ids without a context",
        )
    elif params["what"] == "input":
        action, ctx = Action("edit", params["data"]), pipeline_context(execution_mode="practice")
        made = need("stageflow.tools:ToolInput").from_action(action, "editor", ctx).to_dict()
        ids = [str(action.id), str(ctx.pipeline_run_id), str(ctx.request_id)]
        want = {"action_id": ids[0], "tool_name": "editor", "payload": params["data"], "behavior": "practice"}
        expect_equal(made == want | {"pipeline_run_id": ids[1], "request_id": ids[2]}, True, "every field of the input is right")
    else:
        output = need("stageflow.tools:ToolOutput")
        made = [output.ok(data=params["data"], artifacts=[{"n": 1}], undo_metadata={"u": 1}).to_dict(), output.fail("no").to_dict()]
        good = {"success": True, "data": params["data"], "artifacts": [{"n": 1}], "undo_metadata": {"u": 1}}
        expect_equal(made, [good, {"success": False, "error": "no"}], "outputs as dictionaries")


def control(params):
    expect_equal(json.loads(json.dumps(dict(params["data"]))), dict(params["data"]), "data through JSON")
