"""Two records built with defaults share no list or dict."""

import dataclasses

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import build, dataclasses_of, promised

PROBE = Probe(
    title="Two records built with defaults share a container",
    claim="A default list or dict belongs to one record: what is put into one record does not appear in another.",
    source="invariant:isolation",
    component="stageflow.context.ContextSnapshot",
    subsystem="context",
    category="security",
    type="bug",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Data of one request shows up in the requests after it.",
    recommendation="Use field(default_factory=...) with a factory that builds a new container.",
)

PLACES = ("stageflow.context", "stageflow.stages.context", "stageflow.stages.result", "stageflow.observability")
HELPERS = ("stageflow.helpers.analytics", "stageflow.helpers.streaming", "stageflow.helpers.run_utils")


def has_containers(record):
    """Some field has a default that is built for each instance."""
    return any(item.default_factory is not dataclasses.MISSING or "__init__" in vars(record) for item in dataclasses.fields(record))


def cases():
    need("stageflow.context:ContextSnapshot")
    names = [name for place in PLACES + HELPERS if available(place) for name in dataclasses_of(place, has_containers)]
    return tuple(
        Case(
            name.rpartition(":")[2],
            {"record": name},
            component=name.replace(":", "."),
            title=f"Two {name.rpartition(':')[2]} built with defaults share a container",
        )
        for name in names
    )


def available(place):
    """The target has this module."""
    try:
        need(place)
    except NotApplicable:
        return False
    return True


def shared(first, second):
    """Fields in which both hold the same list, dict or set."""
    names = [item.name for item in dataclasses.fields(first)]
    pairs = [(name, getattr(first, name), getattr(second, name)) for name in names]
    return [name for name, one, other in pairs if isinstance(one, list | dict | set | bytearray) and one is other]


@dataclasses.dataclass
class Sound:
    items: list = dataclasses.field(default_factory=list)
    notes: dict = dataclasses.field(default_factory=dict)


@promised
def scenario(params):
    record = need(params["record"])
    need("stageflow.context:RunIdentity")().to_dict()  # generated dataclass code does not count as a call of the target
    expect_equal(shared(build(record, "default"), build(record, "default")), [], "containers shared by two records")


def control(params):
    expect_equal(shared(Sound(), Sound()), [], "containers shared by two records")
