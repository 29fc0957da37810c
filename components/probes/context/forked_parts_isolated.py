"""What a child, a snapshot or a new context gets is its own: changing it leaves the giver alone, and the other way round."""

import uuid

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A derived context shares a container with the one it was derived from",
    claim="Forks, snapshots and contexts made by create() or from_snapshot() have their own data, metadata, configuration and artifacts.",
    source="docstring:stageflow.stages.context.PipelineContext.fork",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="context",
    category="security",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="What a sub-pipeline or a concurrent run writes shows up in the run it came from.",
    recommendation="Copy the container when handing it on.",
)

FORK = "stageflow.stages.context.PipelineContext.fork"
CREATE = "stageflow.stages.context.PipelineContext.create"
CASES = (
    Case("fork metadata", {"way": "fork", "part": "metadata"}, component=FORK),
    Case("fork configuration", {"way": "fork", "part": "configuration"}, component=FORK),
    Case("fork data", {"way": "fork", "part": "data"}, component=FORK),
    Case("fork inherited data", {"way": "fork_all", "part": "data"}, component=FORK),
    Case("fork artifacts", {"way": "fork", "part": "artifacts"}, component=FORK),
    Case("create metadata", {"way": "create", "part": "metadata"}, component=CREATE),
    Case("create configuration", {"way": "create", "part": "configuration"}, component=CREATE),
    Case("create data", {"way": "create", "part": "data"}, component=CREATE),
    Case(
        "to_snapshot metadata", {"way": "to_snapshot", "part": "metadata"}, component="stageflow.stages.context.PipelineContext.to_snapshot"
    ),
    Case(
        "from_snapshot metadata",
        {"way": "from_snapshot", "part": "metadata"},
        component="stageflow.stages.context.PipelineContext.from_snapshot",
    ),
)


def fork(parent, **options):
    return parent.fork(uuid.UUID(int=1), "stage", uuid.UUID(int=2), **options)


def pair(way):
    """(giver, receiver) made in one of the ways."""
    filled = {"metadata": {"old": 1}, "configuration": {"old": 1}, "data": {"old": 1}}
    giver = pipeline_context(**filled)
    if way == "create":
        return filled, need("stageflow:PipelineContext.create")(**filled)
    if way == "from_snapshot":
        snapshot = giver.to_snapshot()
        return snapshot, need("stageflow:PipelineContext.from_snapshot")(snapshot)
    ways = {"fork": lambda: fork(giver), "fork_all": lambda: fork(giver, inherit_data=True), "to_snapshot": giver.to_snapshot}
    return giver, ways[way]()


def part_of(owner, part):
    return owner[part] if isinstance(owner, dict) else getattr(owner, part)


def mark(container):
    container.append("new") if isinstance(container, list) else container.update(new=1)


def verdict(giver, receiver, part):
    mark(part_of(receiver, part))
    expect_equal("new" in part_of(giver, part), False, f"{part} of the giver has what was put into the receiver's")


@promised
def scenario(params):
    giver, receiver = pair(params["way"])
    verdict(giver, receiver, params["part"])
    giver, receiver = pair(params["way"])
    verdict(receiver, giver, params["part"])


def control(params):
    giver = {"metadata": {"old": 1}, "configuration": {"old": 1}, "data": {"old": 1}, "artifacts": []}
    verdict(giver, {name: part.copy() for name, part in giver.items()}, params["part"])
