"""Each kind of issue is found, on the right stage and with the right severity, also when it is the only one."""

from components.lab.dag_kit import plain_pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="lint_pipeline misses an issue or misjudges its severity",
    claim="Missing, circular and self-dependencies are errors that make the result invalid; an orphaned stage is a warning.",
    source="docs/api/cli.md#detected-issues",
    component="stageflow.cli.lint.lint_pipeline",
    subsystem="lint",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A broken pipeline passes the CI check.",
    recommendation="Set valid to False whenever an issue of severity error was found.",
)

CHAIN = [["a", []], ["b", ["a"]], ["c", ["b"]]]
CASES = (
    Case("no issue", {"rows": CHAIN, "expected": [True, [], []]}),
    Case("missing dependency", {"rows": [*CHAIN, ["d", ["nobody"]]], "expected": [False, ["d"], []]}),
    Case("missing dependency of the first", {"rows": [["a", ["nobody"]]], "expected": [False, ["a"], []]}),
    Case("self-dependency", {"rows": [*CHAIN, ["d", ["c", "d"]]], "expected": [False, ["d"], []]}),
    Case("circle of 2", {"rows": [["a", ["b"]], ["b", ["a"]]], "circle": True, "expected": [False, ["a", "b"], []]}),
    Case(
        "circle of 3 behind a chain",
        {"rows": [["a", []], ["x", ["a", "z"]], ["y", ["x"]], ["z", ["y"]]], "circle": True, "expected": [False, ["x", "y", "z"], []]},
    ),
    Case("orphan", {"rows": [*CHAIN, ["lonely", []]], "expected": [True, [], ["lonely"]]}),
    Case("single stage", {"rows": [["a", []]], "expected": [True, [], []]}),
    Case("two errors", {"rows": [["a", ["x"]], ["b", ["y"]], ["c", ["a", "b"]]], "expected": [False, ["a", "b"], []]}),
)


async def body(ctx):
    return {}


def scenario(params):
    result = need("stageflow.cli.lint:lint_pipeline")(plain_pipeline(params["rows"], body))
    errors = sorted({issue.stage_name for issue in result.errors})
    warned = sorted({issue.stage_name for issue in result.warnings})
    valid, stages, warnings = params["expected"]
    if params.get("circle") and errors and set(errors) <= set(stages):
        errors = stages  # one report per circle is enough
    seen = [result.valid, errors, warned]
    expect_equal(seen, [valid, stages, warnings], "[valid, stages with errors, stages with warnings]")


def control(params):
    after = {name: set(deps) for name, deps in params["rows"]}

    def reach(name):
        found, stack = set(), list(after[name])
        while stack:
            dep = stack.pop()
            if dep not in found:
                found.add(dep)
                stack.extend(after.get(dep, ()))
        return found

    errors = sorted(name for name in after if after[name] - set(after) or name in reach(name))
    used = set().union(*after.values())
    lonely = sorted(name for name in after if not after[name] and name not in used and len(after) > 1)
    expect_equal([not errors, errors, lonely], list(params["expected"]), "[valid, stages with errors, stages with warnings]")
