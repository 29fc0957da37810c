"""An extension bundle's dictionary has every field, also of the records inside it."""

import dataclasses
import uuid
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An extension bundle's to_dict loses or changes what is inside",
    claim="ExtensionBundle.to_dict() tells plain values as they are, ids and times as text, nested records by their fields.",
    source="docstring:stageflow.context.extensions.ExtensionBundle.to_dict",
    component="stageflow.context.ExtensionBundle.to_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Domain data is gone from stored or replayed snapshots.",
    recommendation="Walk every field of nested dataclasses, lists and dicts.",
)


@dataclasses.dataclass(frozen=True)
class Note:
    author: uuid.UUID
    text: str
    stars: int = 0


@dataclasses.dataclass(frozen=True)
class Tagged:
    tag: str

    def to_dict(self):
        return {"own": self.tag}


ID, BORN = uuid.UUID(int=7), datetime(2024, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
NOTE, TOLD = Note(ID, "x"), {"author": str(ID), "text": "x", "stars": 0}
VALUES = {
    "text": ("x", "x"),
    "zero": (0, 0),
    "false": (False, False),
    "nothing": (None, None),
    "id": (ID, str(ID)),
    "nested record": (NOTE, TOLD),
    "record with to_dict": (Tagged("t"), {"own": "t"}),
    "list of records": ([NOTE, Tagged("t")], [TOLD, {"own": "t"}]),
    "dict of records": ({"a": NOTE, "b": {"c": [ID]}}, {"a": TOLD, "b": {"c": [str(ID)]}}),
}
CASES = (*(Case(name, {"value": name}) for name in VALUES), Case("time", {"value": "time"}))


def told_time(text):
    """A time comes back from its text."""
    return datetime.fromisoformat(text) if isinstance(text, str) else text


@promised
def scenario(params):
    base = need("stageflow.context:ExtensionBundle")
    bundle = dataclasses.make_dataclass("Bundle", [("value", object), ("other", str, "kept")], bases=(base,), frozen=True)
    value, wanted = VALUES.get(params["value"], (BORN, BORN))
    told = bundle(value).to_dict()
    if params["value"] == "time":
        told = told | {"value": told_time(told.get("value"))}
    expect_equal(told, {"value": wanted, "other": "kept"}, "the bundle's dictionary")


def control(params):
    expect_equal([dataclasses.asdict(NOTE) | {"author": str(NOTE.author)}, told_time(BORN.isoformat())], [TOLD, BORN], "told by hand")
