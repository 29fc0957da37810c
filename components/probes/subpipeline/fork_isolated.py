"""What a child writes into its context is not seen by its parent, and the other way round."""

import dataclasses
import uuid

from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A forked context shares a container with its parent",
    claim="A child's writes do not change its parent's context, and what the parent writes later does not reach the child.",
    source="docs/advanced/subpipelines.md#data-isolation",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="subpipeline",
    category="security",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Parallel child runs overwrite each other's data and the parent's.",
    recommendation="Give the child its own dicts and lists.",
)


def cases():
    """Every field of a context that is a dict or a list by default."""
    fresh = context(data={"start": 1})
    names = [field.name for field in dataclasses.fields(need("stageflow:PipelineContext"))]
    return [
        Case(f"{name}, {writer} writes", {"field": name, "writer": writer})
        for name in names
        if type(getattr(fresh, name)) in (dict, list)
        for writer in ("child", "parent")
    ] + [Case("parent data, parent writes", {"field": "_parent_data", "writer": "parent"})]


def write(container):
    if isinstance(container, dict):
        container["written"] = True
    else:
        container.append("written")


def scenario(params):
    parent = context(data={"start": 1})
    child = parent.fork(child_run_id=uuid.uuid4(), parent_stage_id="stage", correlation_id=uuid.uuid4(), inherit_data=True)
    if params["field"] == "_parent_data":
        write(parent.data)
        expect_equal(child.get_parent_data("written"), None, "what the parent wrote after the fork, read by the child")
        return
    writer, reader = (child, parent) if params["writer"] == "child" else (parent, child)
    write(getattr(writer, params["field"]))
    expect_equal("written" in getattr(reader, params["field"]), False, f"{params['field']} shows what the other context wrote")


def control(params):
    parent = {"start": 1}
    child = dict(parent)
    writer, reader = (child, parent) if params["writer"] == "child" else (parent, child)
    write(writer)
    expect_equal("written" in reader, False, f"{params['field']} shows what the other context wrote")
