"""A value that changes its kind is a change."""

import json

from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import patched, same_json

PROBE = Probe(
    title="diff_json() misses a value that changes between object and list: it reports no changes",
    claim="Applying the JSON Patch to the old document gives the new document, also when an object becomes a list or a list an object.",
    source="docs/api/tools.md#diff_json",
    component="stageflow.tools.diff_json",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A destructive change of structure passes review as `no changes`.",
    recommendation="Recurse only when both values are of the same kind, and replace otherwise.",
    workaround="Compare the documents as well as has_changes.",
    cause="stageflow.tools.diff:_generate_json_patch #kind",
)

CASES = (
    Case("object to list", {"old": {"a": {"b": 1}}, "new": {"a": [1]}}),
    Case("list to object", {"old": {"a": [1]}, "new": {"a": {"b": 1}}}),
    Case("inside a list", {"old": {"l": [{"b": 1}]}, "new": {"l": [[1]]}}),
)


def judge(old, operations, new):
    result = patched(old, operations)
    expect(same_json(result, new), json.dumps(new), json.dumps(result))


def scenario(params):
    found = need("stageflow.tools:diff_json")(params["old"], params["new"])
    judge(params["old"], json.loads(found.diff_output), params["new"])


def control(params):
    judge(params["old"], [{"op": "replace", "path": "", "value": params["new"]}], params["new"])
