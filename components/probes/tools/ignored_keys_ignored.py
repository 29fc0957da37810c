"""Keys that are ignored in a comparison do not make records less similar."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="diff_structured() counts ignored keys in its similarity",
    claim="ignore_keys are ignored in the comparison: records that differ in nothing else have no changes and a similarity of 1.",
    source="docstring:stageflow.tools.diff_structured",
    component="stageflow.tools.diff_structured",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Records that differ only in ids or time stamps are taken for different by whoever looks at the similarity.",
    recommendation="Leave the ignored keys out of both dictionaries before calculating the similarity.",
    workaround="Remove those keys from both records before the call.",
    cause="stageflow.tools.diff:diff_structured",
)

CASES = (
    Case("id ignored", {"old": {"id": 1, "a": "x"}, "new": {"id": 2, "a": "x"}, "ignore": ["id"]}),
    Case("added key ignored", {"old": {"a": 1}, "new": {"a": 1, "at": "2026-01-01"}, "ignore": ["at"]}),
)


def compared(old, new, ignore):
    found = need("stageflow.tools:diff_structured")(old, new, ignore_keys=set(ignore))
    expect_equal([found.has_changes, found.similarity], [False, 1.0], "has_changes, similarity")


def scenario(params):
    compared(dict(params["old"]), dict(params["new"]), params["ignore"])


def control(params):
    old, new = ({key: value for key, value in params[side].items() if key not in params["ignore"]} for side in ("old", "new"))
    compared(old, new, params["ignore"])
