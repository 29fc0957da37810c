"""A structured diff takes dictionaries with any values."""

import uuid
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="diff_structured() raises TypeError for records with dates, ids or sets in them",
    claim="diff_structured() compares any two dictionaries, whatever their values (`dict[str, Any]`): it shows values by their text.",
    source="docstring:stageflow.tools.diff_structured",
    component="stageflow.tools.diff_structured",
    subsystem="tools",
    category="reliability",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="A tool that shows what it changed fails as soon as a record has a date or an id, after the change was made.",
    recommendation="Calculate the similarity with json.dumps(..., default=str).",
    workaround="Turn such values into text before the call.",
    cause="stageflow.tools.diff:_calculate_json_similarity",
)

CASES = (
    Case("date", {"kind": "date"}),
    Case("UUID", {"kind": "UUID"}),
    Case("set", {"kind": "set"}),
)
VALUES = {"date": datetime(2026, 1, 1, tzinfo=UTC), "UUID": uuid.UUID(int=1), "set": {1}}


def compared(value):
    try:
        found = need("stageflow.tools:diff_structured")({"id": value, "a": 1}, {"id": value, "a": 2})
    except TypeError as error:
        raise Violation("a diff of the changed field", "TypeError raised") from error
    expect_equal([found.additions, found.deletions], [1, 1], "additions, deletions")


def scenario(params):
    compared(VALUES[params["kind"]])


def control(params):
    compared(str(VALUES[params["kind"]]))
