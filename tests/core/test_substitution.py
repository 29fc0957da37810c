"""Names in data are replaced, whole values keep their type, and nothing is executed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.substitution import UnknownName, filled

NAMES = {
    "item": "claim",
    "limit": 2500,
    "amount": ["value", 1, 900],
    "store": "<item>_book",
    "latency": {"main": [0.5, 2.0]},
    "a": "<b>",
    "b": "<a>",
}


def test_whole_names_keep_their_type_and_parts_become_text() -> None:
    assert filled({"low": "<amount.1>", "<item>_id": ["<latency.main>", "<limit>"]}, NAMES) == {"low": 1, "claim_id": [[0.5, 2.0], 2500]}
    assert filled("total > <limit> and record.<amount.0> < 3", NAMES) == "total > 2500 and record.value < 3"
    assert filled("<store>", NAMES) == "claim_book"


@pytest.mark.parametrize("text", ["<nobody>", "<amount.9>", "<item.0>", "x <a>", "<latency.far>"])
def test_a_name_without_a_value_or_in_a_circle_is_an_error(text: str) -> None:
    with pytest.raises(UnknownName):
        filled(text, NAMES)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(alphabet="ab <>{}$%"), st.lists, max_leaves=8))
def test_what_holds_no_name_comes_out_as_it_went_in(value: object) -> None:
    try:
        assert filled(value, {}) == value
    except UnknownName:
        assert "<" in str(value)
