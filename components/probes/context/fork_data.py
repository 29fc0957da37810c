"""A child context inherits exactly the data that was asked for, and reads the parent's without changing it."""

import uuid

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineContext.fork hands on other data than asked for",
    claim="inherit_data=False starts empty, True copies all, a tuple copies these keys, and data_overrides come last; "
    "get_parent_data reads the parent's data as it was at the fork.",
    source="docs/api/context.md#subpipeline-forking",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A sub-pipeline runs with the idempotency key, time-out or tenant of another one, or without.",
    recommendation="Follow the documented rules for inherit_data and data_overrides.",
)

CASES = (
    Case("nothing", {"inherit": False, "overrides": None, "child": {}}),
    Case("everything", {"inherit": True, "overrides": None, "child": {"a": 1, "b": 2, "c": 0}}),
    Case("two keys", {"inherit": ["a", "c"], "overrides": None, "child": {"a": 1, "c": 0}}),
    Case("unknown key", {"inherit": ["a", "z"], "overrides": None, "child": {"a": 1}}),
    Case("overrides only", {"inherit": False, "overrides": {"a": 9}, "child": {"a": 9}}),
    Case("overrides after", {"inherit": True, "overrides": {"a": 9, "w": 8}, "child": {"a": 9, "b": 2, "c": 0, "w": 8}}),
)


def by_rule(data, inherit, overrides):
    """The documented rules in plain Python."""
    kept = dict(data) if inherit is True else {key: data[key] for key in inherit or () if key in data}
    return kept | (overrides or {})


@promised
def scenario(params):
    need("stageflow:PipelineContext.fork")
    parent = pipeline_context(data={"a": 1, "b": 2, "c": 0})
    inherit = params["inherit"] if isinstance(params["inherit"], bool) else tuple(params["inherit"])
    child = parent.fork(uuid.UUID(int=1), "spawner", uuid.UUID(int=2), inherit_data=inherit, data_overrides=params["overrides"])
    parent.data["a"] = "changed later"
    seen = {"child": child.data, "parent": [child.get_parent_data(key, "none") for key in ("a", "b", "c", "z")]}
    expect_equal(seen, {"child": params["child"], "parent": [1, 2, 0, "none"]}, "data of the child and what it reads of the parent")


def control(params):
    child = by_rule({"a": 1, "b": 2, "c": 0}, params["inherit"], params["overrides"])
    expect_equal(child, params["child"], "data of the child")
