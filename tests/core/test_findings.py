"""What a finding must have, and what is said about one that does not fit."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import InvalidFinding
from agent.core.findings import FIELD_LIMIT, KINDS, FindingKind, check_finding, parse_finding

ENTRIES: dict[FindingKind, dict[str, str]] = {
    "strength": {"title": "t", "description": "d", "component": "c", "evidence": "e", "impact": "high"},
    "bug": {
        "title": "t",
        "description": "d",
        "type": "reliability",
        "severity": "high",
        "component": "c",
        "reproduction": "r",
        "impact": "i",
        "recommendation": "x",
    },
    "dx": {"title": "t", "description": "d", "category": "error_messages", "severity": "medium", "component": "c", "impact": "i"},
    "improvement": {"title": "t", "description": "d", "type": "component_suggestion", "priority": "P1", "category": "plus_package"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def problems(kind: FindingKind, text: str) -> list[str]:
    with pytest.raises(InvalidFinding) as caught:
        parse_finding(kind, text)
    return str(caught.value).split("\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_the_examples_are_exactly_the_required_ones(kind: FindingKind) -> None:
    assert parse_finding(kind, json.dumps(ENTRIES[kind])).notes == ()
    assert {name for name, field in KINDS[kind].model_fields.items() if field.is_required()} == set(ENTRIES[kind])
    for name in ENTRIES[kind]:
        without = {key: value for key, value in ENTRIES[kind].items() if key != name}
        assert problems(kind, json.dumps(without)) == [f"{name}: required field is missing"]


def test_optional_fields_are_empty_when_left_out() -> None:
    bug = parse_finding("bug", json.dumps(ENTRIES["bug"])).finding.model_dump()
    assert bug["expected_behavior"] == bug["actual_behavior"] == bug["context"] == ""


@pytest.mark.parametrize(
    ("kind", "field", "value", "message"),
    [
        ("bug", "severity", "urgent", "severity: 'urgent' is not one of critical, high, medium, low, info"),
        ("bug", "severity", "High", "severity: 'High' is not one of critical, high, medium, low, info"),
        (
            "bug",
            "type",
            "dx",
            "type: 'dx' is not one of bug, security, performance, reliability, silent_failure, log_issue, documentation",
        ),
        ("improvement", "priority", "P3", "priority: 'P3' is not one of P0, P1, P2"),
        ("dx", "severity", None, "severity: null is not one of critical, high, medium, low, info"),
        ("bug", "title", "  \n", "title: required field is empty"),
        ("bug", "title", 4, "title: must be text, not a number"),
        ("bug", "title", ["a"], "title: must be text, not a list"),
        ("bug", "title", "\ud800", "title: holds half of a surrogate pair, which is not text"),
        ("bug", "impact", "ä" * FIELD_LIMIT, f"impact: {2 * FIELD_LIMIT} bytes are too many, at most {FIELD_LIMIT} fit"),
        ("bug", "sevrity", "x", "sevrity: unknown field; did you mean severity?"),
        ("dx", "zzz", "x", f"zzz: unknown field; a finding of kind dx has {', '.join(KINDS['dx'].model_fields)}"),
    ],
)
def test_each_problem_has_its_own_message(kind: FindingKind, field: str, value: object, message: str) -> None:
    assert problems(kind, json.dumps(ENTRIES[kind] | {field: value})) == [message]


def test_all_problems_are_told_at_once() -> None:
    found = problems("bug", '{"title": "", "severity": 3, "colour": "red"}')
    assert [line.split(":")[0] for line in found] == [
        "title",
        "description",
        "type",
        "severity",
        "component",
        "reproduction",
        "impact",
        "recommendation",
        "colour",
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("{", "entry: not valid JSON at line 1, column 2"),
        ("", "entry: not valid JSON at line 1, column 1"),
        ("[]", "entry: must be a JSON object, not a list"),
        ("null", "entry: must be a JSON object, not null"),
        ("[" * 100_000, "entry: not usable JSON"),
        ("1" * 5000, "entry: not usable JSON"),
        ('{"title": "a", "title": "b"}', "entry: not usable JSON: 'title' is given twice"),
        (" " * 3_000_000, "entry: more than"),
    ],
)
def test_text_that_is_no_entry_is_one_line(text: str, start: str) -> None:
    (line,) = problems("bug", text)
    assert line.startswith(start)


def test_what_the_ledger_gives_is_passed_over_and_said() -> None:
    parsed = check_finding("dx", ENTRIES["dx"] | {"id": "DX-99", "timestamp": "yesterday", "agent": "me"})
    assert [note.split(":")[0] for note in parsed.notes] == ["id", "agent", "timestamp"]
    assert "id" not in parsed.finding.model_dump()


@pytest.mark.parametrize("kind", KINDS)
def test_the_template_explains_every_field_in_one_line(kind: FindingKind) -> None:
    template = KINDS[kind].template()
    assert list(template) == ["id", "agent", "timestamp", *KINDS[kind].model_fields]
    assert all(text and "\n" not in text for text in template.values())


@given(kind=st.sampled_from(list(KINDS)), text=st.text() | JSON.map(json.dumps))
def test_any_text_is_a_finding_or_invalid(kind: FindingKind, text: str) -> None:
    try:
        parse_finding(kind, text)
    except InvalidFinding as error:
        assert str(error)


@given(kind=st.sampled_from(list(KINDS)), data=st.data())
def test_a_valid_entry_keeps_its_text(kind: FindingKind, data: st.DataObject) -> None:
    words = st.text(alphabet=st.characters(codec="utf-8"), min_size=1).filter(str.strip)
    free = [name for name in ENTRIES[kind] if name not in ("type", "severity", "priority")]
    entry = ENTRIES[kind] | {name: data.draw(words) for name in free}
    found = parse_finding(kind, json.dumps(entry)).finding.model_dump()
    assert {name: found[name] for name in entry} == entry
