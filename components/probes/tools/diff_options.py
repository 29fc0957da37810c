"""A diff is of the kind asked for, keeps both texts, names the files and has the context asked for."""

from difflib import SequenceMatcher

from components.lab.crashes import no_crash
from components.lab.probe import Case, NotApplicable, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="diff_text() does not follow its arguments",
    claim=(
        "The result has the kind asked for, old and new text, the file names in its header, at most context_lines unchanged lines around "
        "a change, and the share of equal lines as similarity from 0 to 1."
    ),
    source="docstring:stageflow.tools.diff_text",
    component="stageflow.tools.diff_text",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Reviewers see the wrong file name or too little around a change.",
    recommendation="Pass every argument on to difflib and into the result.",
)

LINES = [f"line {number}" for number in range(20)]
NEW = [*LINES[:10], "changed", *LINES[11:]]
CASES = (
    Case("defaults", {"new": NEW, "options": {}}),
    Case("no context", {"new": NEW, "options": {"context_lines": 0}}),
    Case("one line of context", {"new": NEW, "options": {"context_lines": 1}}),
    Case("more context than lines", {"new": NEW, "options": {"context_lines": 50}}),
    Case("file names", {"new": NEW, "options": {"fromfile": "before.txt", "tofile": "after.txt"}}),
    Case("kind UNIFIED", {"new": NEW, "options": {"diff_type": "UNIFIED"}}, component="stageflow.tools.DiffType"),
    Case("kind CONTEXT", {"new": NEW, "options": {"diff_type": "CONTEXT"}}, component="stageflow.tools.DiffType"),
    Case("kind LINE_BY_LINE", {"new": NEW, "options": {"diff_type": "LINE_BY_LINE"}}, component="stageflow.tools.DiffType"),
    Case("all different", {"new": ["other"], "options": {}}),
    Case("equal", {"new": LINES, "options": {}}),
    Case("half", {"new": LINES[:10], "options": {}}),
)
VALUES = {"UNIFIED": "unified", "CONTEXT": "context", "LINE_BY_LINE": "line_by_line"}


def text(lines):
    return "".join(f"{line}\n" for line in lines)


def scenario(params):
    with no_crash("a diff"):
        checked(params)


def checked(params):
    options, kind = dict(params["options"]), params["options"].get("diff_type", "UNIFIED")
    if "diff_type" in options:
        options["diff_type"] = need(f"stageflow.tools:DiffType.{kind}")
    old, new = text(LINES), text(params["new"])
    try:
        found = need("stageflow.tools:diff_text")(old, new, **options)
    except Exception as error:
        raise Violation("a diff", f"{type(error).__name__} raised") from error
    if not hasattr(found, "similarity"):
        raise NotApplicable("diffs of this release have no similarity")
    kept = [found.diff_type.value, found.old_content == old, found.new_content == new]
    expect_equal(kept, [VALUES[kind], True, True], "kind, old and new text kept")
    ratio = SequenceMatcher(None, LINES, params["new"]).ratio()
    exact = abs(found.similarity - ratio) < 0.00051 and found.similarity == round(found.similarity, 3)
    expect_equal(exact, True, "similarity is 2 * equal lines / all lines, in three digits as documented")
    around, changed = options.get("context_lines", 3), params["new"] == NEW
    equal = [change.content.strip() for change in found.changes if change.type == "equal"]
    if changed:
        want = [*LINES[max(10 - around, 0) : 10], *LINES[11 : 11 + around]]
        expect_equal(equal, want, "unchanged lines shown")
    names = [options.get("fromfile", "a/original"), options.get("tofile", "b/modified")]
    header = [line.split(maxsplit=1)[-1].strip() for line in found.diff_output.splitlines()[:2]]
    expect_equal(header, names if params["new"] != LINES else [], "file names in the header")


def control(params):
    ratio = SequenceMatcher(None, LINES, params["new"]).ratio()
    common = len([line for line in params["new"] if line in LINES])
    expect_equal(abs(ratio - 2 * common / (len(LINES) + len(params["new"]))) < 0.00051, True, "similarity by counting")
