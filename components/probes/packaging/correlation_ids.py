"""Correlation ids are exported under the names that logs and events use, and nothing else is."""

import json
import uuid

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="CorrelationIds exports an id under a wrong name, or loses one",
    claim="to_dict gives every set id as text under its own name (the run as pipeline_run_id), extra ids as they are, and no unset one.",
    source="docstring:stageflow.protocols.CorrelationIds.to_dict",
    component="stageflow.protocols.CorrelationIds",
    subsystem="packaging",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Logs of one request cannot be joined, or join the wrong ones.",
    recommendation="Copy each field by name.",
)

NAMES = {"run_id": "pipeline_run_id", "request_id": "request_id", "session_id": "session_id", "user_id": "user_id", "org_id": "org_id"}
CASES = (
    Case("none", {"fields": [], "extra": {}}),
    *(Case(name, {"fields": [name], "extra": {}}) for name in NAMES),
    Case("all", {"fields": list(NAMES), "extra": {"interaction_id": "i-1"}}),
)


def ids(params):
    return {name: uuid.UUID(int=1000 + place) for place, name in enumerate(NAMES) if name in params["fields"]}


def scenario(params):
    made = need("stageflow.protocols:CorrelationIds")(**ids(params), extra=dict(params["extra"]), trace_id="t-1").to_dict()
    wanted = {NAMES[name]: str(value) for name, value in ids(params).items()} | {"trace_id": "t-1"} | params["extra"]
    expect_equal(json.loads(json.dumps(made)), wanted, "exported ids")


def control(params):
    expect_equal(len(set(ids(params).values())), len(params["fields"]), "different ids")
