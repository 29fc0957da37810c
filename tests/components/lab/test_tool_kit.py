"""The readers of tool_kit undo what difflib and RFC 6902 write."""

import logging
from difflib import unified_diff
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.lab.tool_kit import LogTap, new_side, patched, same_json

LINES = st.lists(st.sampled_from(["a\n", "b\n", "-- c\n", "++d\n", "@@ e\n", "\n"]), max_size=8)


@given(old=LINES, new=LINES, context=st.integers(0, 3))
def test_new_side_applies_what_difflib_writes(old: list[str], new: list[str], context: int) -> None:
    diff = "".join(unified_diff(old, new, "a", "b", n=context))
    assert new_side("".join(old), diff) == "".join(new)


def test_new_side_refuses_a_diff_of_another_text() -> None:
    diff = "".join(unified_diff(["a\n"], ["b\n"], "a", "b"))
    with pytest.raises(ValueError, match="line 1"):
        new_side("c\n", diff)


@pytest.mark.parametrize(
    ("document", "operations", "result"),
    [
        ({"a": 1}, [{"op": "replace", "path": "/a", "value": 2}], {"a": 2}),
        ({"a/b": {"~": 1}}, [{"op": "remove", "path": "/a~1b/~0"}], {"a/b": {}}),
        ({"l": [1, 2]}, [{"op": "add", "path": "/l/1", "value": 9}], {"l": [1, 9, 2]}),
        ([1], [{"op": "add", "path": "/-", "value": 2}], [1, 2]),
    ],
)
def test_patched_follows_rfc_6902(document: Any, operations: list[dict[str, Any]], result: Any) -> None:
    assert same_json(patched(document, operations), result)


@pytest.mark.parametrize("operation", [{"op": "remove", "path": "/1"}, {"op": "add", "path": "/5", "value": 1}])
def test_patched_refuses_places_that_are_not_there(operation: dict[str, Any]) -> None:
    with pytest.raises(LookupError):
        patched([1], [operation])


def test_same_json_tells_one_from_true() -> None:
    assert not same_json({"a": 1}, {"a": True})


def test_log_tap_hears_switched_off_loggers_and_leaves_them_as_they_were() -> None:
    logger = logging.getLogger("probe.tap")
    logger.setLevel(logging.ERROR)
    logging.disable(logging.CRITICAL)
    try:
        with LogTap("probe.tap") as tap:
            logger.debug("hello %s", "you")
        assert tap.with_text("hello you") == ["hello you"]
        assert (logger.level, logger.handlers, logging.root.manager.disable) == (logging.ERROR, [], logging.CRITICAL)
    finally:
        logging.disable(logging.NOTSET)
