"""A patch that shortens a list by several items can be applied in order."""

import json

from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import patched, same_json

PROBE = Probe(
    title="diff_json() removes list items from the front: a patch that removes two or more items of a list cannot be applied",
    claim="Applying the JSON Patch operations in order, as RFC 6902 says, gives the new document.",
    source="docs/api/tools.md#difftype",
    component="stageflow.tools.diff_json",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A recorded change that shortens a list by more than one item cannot be replayed.",
    recommendation="Write removals of list items from the highest index down.",
    workaround="Reverse runs of remove operations before applying.",
    cause="stageflow.tools.diff:_generate_json_patch #list",
)

CASES = (
    Case("two of three items removed", {"old": {"l": [1, 2, 3]}, "new": {"l": [1]}}),
    Case("two of four items removed", {"old": {"l": [1, 2, 3, 4]}, "new": {"l": [1, 2]}}),
)


def judge(old, operations, new):
    try:
        result = json.dumps(patched(old, operations))
    except LookupError:
        result = "an operation points at an item that is not there"
    expect(result == json.dumps(new), json.dumps(new), result)


def scenario(params):
    found = need("stageflow.tools:diff_json")(params["old"], params["new"])
    judge(params["old"], json.loads(found.diff_output), params["new"])


def control(params):
    found = need("stageflow.tools:diff_json")(params["old"], params["new"])
    operations = sorted(json.loads(found.diff_output), key=lambda operation: operation["path"], reverse=True)
    expect(same_json(patched(params["old"], operations), params["new"]), json.dumps(params["new"]), "another document")
