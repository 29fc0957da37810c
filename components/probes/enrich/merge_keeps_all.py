"""Merging keeps what only one side has, at every depth, and changes neither side."""

import copy

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ConflictDetector's merge loses a value or changes its input",
    claim="Merging concatenates lists without repeating items, merges dicts at every depth, joins texts, and lets the new number win.",
    source="docstring:stageflow.context.enrich.ConflictDetector",
    component="stageflow.context.ConflictDetector",
    subsystem="enrich",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Facts learned by one of two concurrent enrichments are lost.",
    recommendation="Merge recursively into copies.",
)

ROWS = (
    ("lists", [1, 2], [2, 3], [1, 2, 3]),
    ("lists of dicts", [{"a": 1}], [{"b": 2}], [{"a": 1}, {"b": 2}]),
    ("dicts", {"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "c": 4}),
    ("nested", {"p": {"x": [1], "y": 1}}, {"p": {"x": [2], "z": 2}}, {"p": {"x": [1, 2], "y": 1, "z": 2}}),
    ("texts", "one", "two", "one\ntwo"),
    ("numbers", 1, 2, 2),
    ("other kinds", [1], "x", "x"),
)
CASES = tuple(Case(name, {"old": old, "new": new, "merged": merged}) for name, old, new, merged in ROWS)


def plain(old, new):
    """The rule in plain Python."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: plain(old[key], value) if key in old else value for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        return old + [item for item in new if item not in old]
    return f"{old}\n{new}" if isinstance(old, str) and isinstance(new, str) else new


def verdict(merge, params):
    old, new = copy.deepcopy(params["old"]), copy.deepcopy(params["new"])
    expect_equal([merge(old, new), old, new], [params["merged"], params["old"], params["new"]], "[merged, old afterwards, new afterwards]")


@promised
def scenario(params):
    detector = need("stageflow.context:ConflictDetector")("merge")
    verdict(lambda old, new: detector.check_and_resolve("f", old, new).merged_value, params)


def control(params):
    verdict(plain, params)
