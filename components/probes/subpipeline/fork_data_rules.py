"""What a forked context inherits of its parent's data follows inherit_data and data_overrides."""

import uuid

from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A forked context does not inherit data as inherit_data and data_overrides say",
    claim="False gives an empty dict, True a copy of all, keys only those present; overrides are applied last.",
    source="docs/api/context.md#subpipeline-forking",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="subpipeline",
    category="correctness",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=False,
    impact="Child runs work on data that was not meant for them, or without what they need.",
    recommendation="Build the child's data dict by the documented rules.",
)

PARENT = {"timeout_ms": 0, "key": "k", "secret": "s", "none": None}
CASES = (
    Case("nothing", {"inherit": False, "overrides": None, "expected": {}}),
    Case("everything", {"inherit": True, "overrides": None, "expected": PARENT}),
    Case("two keys", {"inherit": ["timeout_ms", "key"], "overrides": None, "expected": {"timeout_ms": 0, "key": "k"}}),
    Case("falsy values", {"inherit": ["none", "timeout_ms"], "overrides": None, "expected": {"none": None, "timeout_ms": 0}}),
    Case("key that is not there", {"inherit": ["key", "other"], "overrides": None, "expected": {"key": "k"}}),
    Case("no keys", {"inherit": [], "overrides": {"n": 1}, "expected": {"n": 1}}),
    Case("override", {"inherit": ["key"], "overrides": {"key": "new", "n": 1}, "expected": {"key": "new", "n": 1}}),
    Case("override of everything", {"inherit": True, "overrides": {"secret": ""}, "expected": PARENT | {"secret": ""}}),
)


def scenario(params):
    parent = context(data=dict(PARENT))
    child = parent.fork(
        child_run_id=uuid.uuid4(),
        parent_stage_id="stage",
        correlation_id=uuid.uuid4(),
        inherit_data=params["inherit"],
        data_overrides=params["overrides"],
    )
    expect_equal(child.data, dict(params["expected"]), "data of the child")


def control(params):
    inherit = params["inherit"]
    keys = PARENT if inherit is True else [key for key in inherit or () if key in PARENT]
    expect_equal({key: PARENT[key] for key in keys} | (params["overrides"] or {}), dict(params["expected"]), "data of the child")
