"""A typed extension bundle is exported as JSON whatever ordinary values it holds."""

import dataclasses
import enum
import uuid
from datetime import UTC, date, datetime

from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import promised, through_json

PROBE = Probe(
    title="ExtensionBundle.to_dict is not JSON-serializable when a value in it is an enum, or sits in a tuple",
    claim="ExtensionBundle.to_dict() returns a JSON-serializable dictionary.",
    source="docstring:stageflow.context.extensions.ExtensionBundle.to_dict",
    component="stageflow.context.ExtensionBundle.to_dict",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="Storing a snapshot fails for bundles with a tuple of ids or records (natural in a frozen dataclass) or with an enum.",
    recommendation="In _serialize_value also walk tuples, and turn enums into their value.",
    workaround="Use lists and plain texts in bundles, or override to_dict.",
    cause="stageflow.context.extensions:_serialize_value",
)


class Plan(enum.Enum):
    FREE = "free"


@dataclasses.dataclass(frozen=True)
class Note:
    author: uuid.UUID
    written: datetime


ID = uuid.UUID(int=7)
VALUES = {
    "text": "x",
    "uuid": ID,
    "datetime": datetime(2024, 1, 2, tzinfo=UTC),
    "date": date(2024, 1, 2),
    "list of uuids": [ID],
    "dict of uuids": {"a": ID},
    "nested dataclass": Note(ID, datetime(2024, 1, 2, tzinfo=UTC)),
    "tuple of uuids": (ID,),
    "tuple of dataclasses": (Note(ID, datetime(2024, 1, 2, tzinfo=UTC)),),
    "enum": Plan.FREE,
}
CASES = tuple(Case(name, {"value": name}) for name in VALUES)


def verdict(exported):
    try:
        through_json(exported)
    except TypeError as error:
        raise Violation("to_dict() can be written as JSON", str(error)) from None


@promised
def scenario(params):
    base = need("stageflow.context:ExtensionBundle")
    bundle = dataclasses.make_dataclass("Bundle", [("value", object)], bases=(base,), frozen=True)
    verdict(bundle(VALUES[params["value"]]).to_dict())


def control(params):
    verdict({"value": str(VALUES[params["value"]])})
