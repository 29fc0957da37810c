"""A reported cycle is one of the pipeline, told from the stage it is reported for, and only for stages that are in one."""

from itertools import pairwise

from components.lab.dag_kit import plain_pipeline
from components.lab.probe import Case, Probe, expect, expect_equal, need

PROBE = Probe(
    title="The linter reports a cycle that is not there, or for a stage that is in none",
    claim="A circular dependency is told as a closed path along the dependencies, for stages of that circle only.",
    source="docs/api/cli.md#2-circular-dependencies",
    component="stageflow.cli.lint.lint_pipeline",
    subsystem="lint",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Developers look for the mistake in the wrong stages.",
    recommendation="Cut the path at the first occurrence of the repeated stage.",
)

CASES = (
    Case("circle of 2", {"rows": [["a", ["b"]], ["b", ["a"]]]}),
    Case("circle of 3", {"rows": [["a", ["b"]], ["b", ["c"]], ["c", ["a"]]]}),
    Case("a stage behind a circle", {"rows": [["tail", ["a"]], ["a", ["b"]], ["b", ["c"]], ["c", ["a"]]]}),
    Case("a chain behind a circle", {"rows": [["t3", ["t2"]], ["t2", ["t1"]], ["t1", ["b"]], ["a", ["b"]], ["b", ["a"]]]}),
    Case("a circle behind a chain", {"rows": [["a", []], ["x", ["a", "z"]], ["y", ["x"]], ["z", ["y"]]]}),
    Case("two circles", {"rows": [["a", ["b"]], ["b", ["a"]], ["x", ["y"]], ["y", ["z"]], ["z", ["x"]]]}),
    Case("none", {"rows": [["a", []], ["b", ["a"]], ["c", ["a"]], ["d", ["b", "c"]]]}),
)


async def body(ctx):
    return {}


def below(name, after):
    """Everything a stage depends on, directly or through others."""
    found, waiting = set(), list(after[name])
    while waiting:
        dep = waiting.pop()
        if dep not in found:
            found.add(dep)
            waiting.extend(after[dep])
    return found


def judge(reports, rows):
    """`reports` are (stage, path) pairs."""
    after = dict(rows)
    circular = {name for name in after if name in below(name, after)}
    told = set().union(*(path for _, path in reports)) if reports else set()
    covered = all(any(name in path or after_reach(name, path, after) for _, path in reports) for name in circular)
    expect_equal(sorted(told - circular), [], "stages reported though they are in no circle")
    expect(covered, "a report for every circle", "a circle without a report")
    for stage, path in reports:
        linked = len(path) > 1 and path[0] == path[-1] and all(second in after[first] for first, second in pairwise(path))
        expect(linked and stage in path, "a closed path along dependencies that has the stage in it", "another list of stages")


def after_reach(name, path, after):
    """Whether a stage and a path are parts of one circle."""
    return path[0] in below(name, after) and name in below(path[0], after)


def scenario(params):
    result = need("stageflow.cli.lint:lint_pipeline")(plain_pipeline(params["rows"], body))
    found = [issue for issue in result.errors if "ircular" in issue.message]
    judge([(issue.stage_name, issue.message.rpartition(": ")[2].split(" -> ")) for issue in found], params["rows"])


def control(params):
    after, reports = dict(params["rows"]), []

    def search(name, path):
        if name in path:
            return [*path[path.index(name) :], name]
        return next((found for dep in after[name] if (found := search(dep, [*path, name]))), None)

    for name in after:
        path = search(name, [])
        if path and path[0] == name:
            reports.append((name, path))
    judge(reports, params["rows"])
