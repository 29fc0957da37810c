"""Two records built with defaults share no list or dict and no generated id."""

import dataclasses

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need
from components.lab.record_kit import build, classes_where, promised

PROBE = Probe(
    title="Two records built with defaults share a container",
    claim="A default list, dict or id belongs to one record: what is put into one record does not appear in another.",
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

ELSEWHERE = ("stageflow.core", "stageflow.pipeline", "stageflow.cli", "stageflow.stages.inputs", "stageflow.stages.payloads")
"""Modules whose records the probe inputs/records_share_nothing looks at."""


def builds_defaults(record):
    """A record with some default container or id that is built for each instance."""
    if not dataclasses.is_dataclass(record) or record.__module__.startswith(ELSEWHERE):
        return False
    made = any(item.default_factory is not dataclasses.MISSING for item in dataclasses.fields(record))
    try:
        return made and bool(containers(build(record, "default")) or ids_of(record))
    except Exception:
        return False


def cases():
    need("stageflow.context:ContextSnapshot")
    return tuple(
        Case(
            name.rpartition(":")[2],
            {"record": name},
            component=name.replace(":", "."),
            title=f"Two {name.rpartition(':')[2]} built with defaults share a container",
        )
        for name in classes_where(builds_defaults)
    )


def containers(record, path=""):
    """What can be changed inside the record, also in records inside it, by path."""
    found = {}
    for item in dataclasses.fields(record):
        value = getattr(record, item.name)
        if isinstance(value, list | dict | set | bytearray):
            found[path + item.name] = value
        if dataclasses.is_dataclass(value):
            found |= containers(value, f"{path}{item.name}.")
    return found


def shared(first, second):
    """Fields in which both hold the same list, dict or set, or the same generated id."""
    one, other = containers(first), containers(second)
    ids = [name for name in ids_of(type(first)) if name not in one and plain_text(first, name) == plain_text(second, name) != ""]
    return [name for name in one if name in other and one[name] is other[name]] + ids


def ids_of(record):
    """Names of the fields that hold an id made for each instance."""
    return [
        item.name for item in dataclasses.fields(record) if item.default_factory is not dataclasses.MISSING and item.name.endswith("_id")
    ]


def plain_text(record, name):
    """A generated id as text; empty for anything else."""
    value = getattr(record, name)
    return str(value) if type(value).__name__ in ("str", "UUID") else ""


@dataclasses.dataclass
class Sound:
    items: list = dataclasses.field(default_factory=list)
    notes: dict = dataclasses.field(default_factory=dict)


def pair(record):
    """Two instances with defaults only."""
    try:
        return build(record, "default"), build(record, "default")
    except (TypeError, ValueError) as error:
        raise NotApplicable(f"no {record.__name__} can be made up") from error


@promised
def scenario(params):
    first, second = pair(need(params["record"]))
    need("stageflow.context:RunIdentity")().to_dict()  # generated dataclass code does not count as a call of the target
    expect_equal(shared(first, second), [], "containers shared by two records")


def control(params):
    expect_equal(shared(Sound(), Sound()), [], "containers shared by two records")
