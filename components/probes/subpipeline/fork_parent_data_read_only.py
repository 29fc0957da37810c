"""A child can read its parent's data and cannot change it."""

import uuid

from components.lab.dag_kit import raised_by
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="A child cannot read its parent's data, or can change it",
    claim="Parent data is available read-only through get_parent_data(): values as they were at the fork, defaults for missing keys.",
    source="docs/advanced/subpipelines.md#read-only-parent-data",
    component="stageflow.stages.context.PipelineContext.get_parent_data",
    subsystem="subpipeline",
    category="security",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="A child run corrupts its parent's data, or works without it.",
    recommendation="Keep a FrozenDict of the parent's data.",
)

CASES = (
    Case("value", {"key": "k", "default": "d", "expected": "v"}),
    Case("falsy value", {"key": "zero", "default": "d", "expected": 0}),
    Case("None", {"key": "none", "default": "d", "expected": None}),
    Case("missing key", {"key": "other", "default": "d", "expected": "d"}),
    Case("write", {"key": None, "default": None, "expected": ["TypeError", "AttributeError", "v"]}),
)
PARENT = {"k": "v", "zero": 0, "none": None}


def assign(target):
    target["k"] = "changed"


def scenario(params):
    parent = pipeline_context(data=dict(PARENT))
    child = parent.fork(child_run_id=uuid.uuid4(), parent_stage_id="stage", correlation_id=uuid.uuid4())
    if params["key"] is None:
        frozen = child._parent_data
        seen = [raised_by(lambda: assign(frozen)), raised_by(lambda: frozen.update({"k": "changed"})), parent.data["k"]]
        expect_equal(seen, list(params["expected"]), "[item assignment raises, update raises, parent's value]")
        return
    expect_equal(child.get_parent_data(params["key"], params["default"]), params["expected"], f"parent data {params['key']!r}")


def control(params):
    if params["key"] is None:
        frozen = tuple(PARENT.items())
        seen = [raised_by(lambda: assign(frozen)), raised_by(lambda: frozen.update({})), PARENT["k"]]
        expect_equal(seen, list(params["expected"]), "[item assignment raises, update raises, parent's value]")
        return
    expect_equal(PARENT.get(params["key"], params["default"]), params["expected"], f"parent data {params['key']!r}")
