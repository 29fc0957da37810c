"""A forked context has its own run id, points to its parent, and keeps the caller's identity."""

import uuid

from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A forked context does not carry the ids it should",
    claim="A child context has the given run id, parent stage and correlation id, its parent's run id, and inherits the other ids.",
    source="docs/advanced/subpipelines.md#child-context-properties",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="subpipeline",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Child runs cannot be traced to the action or the tenant that started them.",
    recommendation="Set each id from the argument or the parent as documented.",
)

GIVEN = {"pipeline_run_id": "child_run_id", "parent_stage_id": "parent_stage_id", "correlation_id": "correlation_id"}
INHERITED = ("request_id", "session_id", "user_id", "org_id", "interaction_id")
CASES = tuple(Case(name, {"field": name, "from": "given"}) for name in GIVEN) + (
    Case("parent_run_id", {"field": "parent_run_id", "from": "parent run"}),
    *(Case(name, {"field": name, "from": "parent"}) for name in INHERITED),
    Case("of a grandchild", {"field": "correlation_id", "from": "given", "twice": True}),
)


def expected_id(params, parent, given):
    if params["from"] == "given":
        return given[GIVEN[params["field"]]]
    return parent["pipeline_run_id" if params["from"] == "parent run" else params["field"]]


def fresh_ids():
    return {"child_run_id": uuid.uuid4(), "parent_stage_id": f"stage-{uuid.uuid4()}", "correlation_id": uuid.uuid4()}


def scenario(params):
    parent = context()
    if params.get("twice"):
        parent = parent.fork(**fresh_ids())
    given = fresh_ids()
    child = parent.fork(**given)
    parent_ids = {name: getattr(parent, name) for name in ("pipeline_run_id", *INHERITED)}
    same = getattr(child, params["field"]) == expected_id(params, parent_ids, given)
    expect_equal(same, True, f"{params['field']} of the child comes from the {params['from']}")


def control(params):
    parent = {name: uuid.uuid4() for name in ("pipeline_run_id", *INHERITED)}
    given = fresh_ids()
    child = parent | {field: given[argument] for field, argument in GIVEN.items()} | {"parent_run_id": parent["pipeline_run_id"]}
    same = child[params["field"]] == expected_id(params, parent, given)
    expect_equal(same, True, f"{params['field']} of the child comes from the {params['from']}")
