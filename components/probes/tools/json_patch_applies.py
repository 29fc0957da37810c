"""The JSON Patch of two documents makes the new one of the old one."""

import json

from components.lab.probe import Case, Probe, Violation, expect, need
from components.lab.tool_kit import patched, same_json

PROBE = Probe(
    title="diff_json() writes a patch that does not lead to the new document",
    claim="Applying the JSON Patch to the old document gives the new document.",
    source="docs/api/tools.md#diff_json",
    component="stageflow.tools.diff_json",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Recorded changes of structured data cannot be replayed or undone.",
    recommendation="Write one operation for every difference, at its path.",
)

CASES = (
    Case("replaced value", {"old": {"a": 1, "b": 2}, "new": {"a": 1, "b": 3}}),
    Case("added key", {"old": {"a": 1}, "new": {"a": 1, "b": None}}),
    Case("removed key", {"old": {"a": 1, "b": 2}, "new": {"a": 1}}),
    Case("nested", {"old": {"a": {"b": {"c": 1, "d": [1, 2]}}}, "new": {"a": {"b": {"c": 2, "d": [1, 5], "e": "x"}}}}),
    Case("longer list", {"old": {"l": [1]}, "new": {"l": [1, 2, 3]}}),
    Case("one item less", {"old": {"l": [1, 2]}, "new": {"l": [1]}}),
    Case("list at the top", {"old": [1, {"a": 1}], "new": [1, {"a": 2}, 3]}),
    Case("value to list", {"old": {"a": 1}, "new": {"a": [1]}}),
    Case("list in a list", {"old": [[1], 2], "new": [[3, 4], 2]}),
    Case("dictionary in a list", {"old": {"l": [{"a": 1}]}, "new": {"l": [{"a": 2, "b": 3}]}}),
    Case("list to value", {"old": {"l": [[1]]}, "new": {"l": [7]}}),
    Case("value to dictionary in a list", {"old": [1], "new": [{"a": 1}]}),
    Case("equal", {"old": {"a": [1, {"b": None}]}, "new": {"a": [1, {"b": None}]}}),
)


def scenario(params):
    diff_json = need("stageflow.tools:diff_json")
    try:
        result = patched(params["old"], json.loads(diff_json(params["old"], params["new"]).diff_output))
    except Exception as error:
        raise Violation(json.dumps(params["new"]), f"{type(error).__name__} raised by the diff or by applying it") from error
    expect(same_json(result, params["new"]), json.dumps(params["new"]), json.dumps(result))


def control(params):
    expect(
        same_json(patched(params["old"], [{"op": "replace", "path": "", "value": params["new"]}]), params["new"]),
        "the new document",
        "another",
    )
