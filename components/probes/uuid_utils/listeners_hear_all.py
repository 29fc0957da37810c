"""Each observation is told to every listener once, with the value and whether it collided."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="UuidCollisionMonitor tells its listeners wrong, missing or repeated events",
    claim="Registered listeners receive one event per observation with value, category and the same collision flag that observe() returns.",
    source="docstring:stageflow.helpers.uuid_utils.UuidCollisionMonitor.add_listener",
    component="stageflow.helpers.UuidCollisionMonitor",
    subsystem="uuid_utils",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Id reuse is not seen by who watches for it.",
    recommendation="Build one event per observation and give it to all listeners.",
)

CASES = (
    Case("at-construction", {"values": "abca", "how": "constructor"}),
    Case("added-later", {"values": "aab", "how": "add"}),
    Case("two-listeners", {"values": "abab", "how": "both"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


@promised
def scenario(params):
    heard = [[], []]
    first = [heard[0].append] if params["how"] != "add" else []
    monitor = need("stageflow.helpers:UuidCollisionMonitor")(category="tool", listeners=first)
    if params["how"] != "constructor":
        monitor.add_listener(heard[1].append)
    flags = [monitor.observe(uuid.UUID(int=ord(value))) for value in params["values"]]
    wanted = [[chr(uuid.UUID(int=ord(value)).int), flag, "tool"] for value, flag in zip(params["values"], flags, strict=True)]
    told = [[[chr(event.value.int), event.collision, event.category] for event in events] for events in heard]
    listening = [params["how"] != "add", params["how"] != "constructor"]
    expect_equal(told, [wanted if on else [] for on in listening], "events heard")


def control(params):
    expect_equal([chr(uuid.UUID(int=ord(value)).int) for value in params["values"]], list(params["values"]), "values through UUIDs")
