"""Lines that look like diff headers count like any others."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="diff_text() does not count removed lines that begin with -- nor added ones that begin with ++",
    claim="additions and deletions are the numbers of added and removed lines, whatever the lines begin with.",
    source="docstring:stageflow.tools.DiffResult",
    component="stageflow.tools.diff_text",
    subsystem="tools",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A change of nothing but such lines, SQL comments or YAML separators say, is reported as `no changes`.",
    recommendation="Skip the two header lines by position, not every line that begins like them.",
    workaround="Compare the texts as well as has_changes.",
    cause="stageflow.tools.diff:_parse_diff_changes",
)

CASES = (
    Case("removed SQL comment", {"old": ["-- drop nothing", "select 1"], "new": ["select 1"], "seen": [0, 1]}),
    Case("added ++ line", {"old": ["x"], "new": ["x", "++i"], "seen": [1, 0]}),
)


def counts(old, new):
    found = need("stageflow.tools:diff_text")(*("".join(f"{line}\n" for line in lines) for lines in (old, new)))
    return [found.additions, found.deletions]


def scenario(params):
    expect_equal(counts(params["old"], params["new"]), list(params["seen"]), "added and removed lines")


def control(params):
    old, new = ([line.replace("-- ", "# ").replace("++", "#") for line in params[side]] for side in ("old", "new"))
    expect_equal(counts(old, new), list(params["seen"]), "added and removed lines that begin with #")
