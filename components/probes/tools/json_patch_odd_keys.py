"""Keys with a slash or a tilde are escaped in the paths of a patch."""

import json

from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import patched

PROBE = Probe(
    title="diff_json() does not escape / and ~ in keys: the patch points to another place",
    claim="Paths in the JSON Patch are JSON Pointers: a key containing / or ~ is escaped, so that the patch leads to the new document.",
    source="docs/api/tools.md#difftype",
    component="stageflow.tools.diff_json",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Patches for entries keyed by paths or media types cannot be applied, or hit other entries.",
    recommendation="Replace ~ by ~0 and / by ~1 in every key.",
    workaround="Avoid such keys in documents that are compared.",
    cause="stageflow.tools.diff:_generate_json_patch #keys",
)

CASES = (
    Case("slash", {"key": "text/html"}),
    Case("tilde", {"key": "a~1b"}),
)


def judge(old, operations, new):
    try:
        result = json.dumps(patched(old, operations))
    except LookupError:
        result = "the patch points at a place that is not there"
    expect(result == json.dumps(new), json.dumps(new), result)


def scenario(params):
    old, new = {params["key"]: 1}, {params["key"]: 2}
    found = need("stageflow.tools:diff_json")(old, new)
    judge(old, json.loads(found.diff_output), new)


def control(params):
    old, new = {params["key"]: 1}, {params["key"]: 2}
    path = params["key"].replace("~", "~0").replace("/", "~1")
    judge(old, [{"op": "replace", "path": f"/{path}", "value": 2}], new)
