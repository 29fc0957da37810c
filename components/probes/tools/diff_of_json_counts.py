"""A JSON diff counts its operations, keeps both documents and knows how similar they are, also when one is missing."""

import json

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.tool_kit import patched

PROBE = Probe(
    title="diff_json() miscounts its operations or misjudges the documents",
    claim=(
        "additions count the added and replaced values, deletions the removed ones, similarity is 1 for equal documents, 0 when one of "
        "two is missing and between 0 and 1 otherwise; both documents are kept."
    ),
    source="docstring:stageflow.tools.DiffResult",
    component="stageflow.tools.diff_json",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A change is recorded as none.",
    recommendation="Count by operation and compare the documents before anything else.",
)

CASES = (
    Case("equal", {"old": {"a": 1}, "new": {"a": 1}, "counts": [0, 0], "similar": [1.0, 1.0]}),
    Case("equal, other order", {"old": {"a": 1, "b": 2}, "new": {"b": 2, "a": 1}, "counts": [0, 0], "similar": [1.0, 1.0]}),
    Case("replaced", {"old": {"a": 1}, "new": {"a": 2}, "counts": [1, 0], "similar": [0.5, 0.99]}),
    Case("added and removed", {"old": {"a": 1, "b": 1}, "new": {"a": 1, "c": 1, "d": 1}, "counts": [2, 1], "similar": [0.3, 0.99]}),
    Case("from nothing", {"old": None, "new": {"a": 1, "b": 2}, "counts": [2, 0], "similar": [0.0, 0.0]}),
    Case("to nothing", {"old": {"a": 1}, "new": None, "counts": [0, 1], "similar": [0.0, 0.0]}),
    Case("both nothing", {"old": None, "new": None, "counts": [0, 0], "similar": [1.0, 1.0]}),
    Case("lists", {"old": [1, 2], "new": [1, 3, 4], "counts": [2, 0], "similar": [0.3, 0.99]}),
    Case("nothing in common", {"old": {"abc": "defghijklm"}, "new": {"XYZ": 123456789}, "counts": [1, 1], "similar": [0.0, 0.6]}),
)


def scenario(params):
    try:
        found = need("stageflow.tools:diff_json")(params["old"], params["new"])
        operations = json.loads(found.diff_output)
    except Exception as error:
        raise Violation("a diff with JSON in it", f"{type(error).__name__} raised") from error
    kinds = [operation["op"] for operation in operations]
    counted = [sum(kind in ("add", "replace") for kind in kinds), kinds.count("remove")]
    seen = [found.additions, found.deletions, counted, found.has_changes, found.diff_type.value]
    counts = list(params["counts"])
    expect_equal(seen, [*counts, counts, any(counts), "json_patch"], "additions, deletions, the same of its operations, has_changes, kind")
    expect_equal(patched(params["old"] or {}, operations), params["new"] or {}, "the old document after the patch")
    low, high = params["similar"]
    expect_equal(low <= found.similarity <= high, True, f"similarity from {low} to {high}")
    kept = [None if side is None else json.loads(side) for side in (found.old_content, found.new_content)]
    expect_equal(kept, [params["old"], params["new"]], "old and new document kept")


def control(params):
    low, high = params["similar"]
    expect_equal([low <= high, any(params["counts"])], [True, (params["old"] or {}) != (params["new"] or {})], "by comparing the documents")
