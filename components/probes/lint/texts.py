"""An issue and a result print themselves as documented, and sort their issues by severity."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A lint issue or result prints itself otherwise than documented, or sorts issues wrongly",
    claim="str() shows severity, stage, message and suggestion, or verdict and counts; errors and warnings hold exactly those issues.",
    source="docs/api/cli.md#dependencyissue",
    component="stageflow.cli.lint.DependencyIssue",
    subsystem="lint",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The reader of a report is told something else than the linter has found.",
    recommendation="Print the documented format from the fields.",
)

RESULT = "stageflow.cli.lint.DependencyLintResult"
ISSUES = (
    ({}, "[ERROR] process: no input"),
    ({"suggestion": "Add it"}, "[ERROR] process: no input\n  Suggestion: Add it"),
    ({"line_number": 7}, "[ERROR] process: no input\n  Line: 7"),
    ({"suggestion": "Add it", "line_number": 7}, "[ERROR] process: no input\n  Suggestion: Add it\n  Line: 7"),
    ({"severity": "WARNING"}, "[WARNING] process: no input"),
    ({"severity": "INFO"}, "[INFO] process: no input"),
)
VALID = "\u2713 Pipeline dependencies are valid\n  Stages: 3\n  Dependencies: 2"
INVALID = "\u2717 Found 2 error(s)\n  Stages: 3\n  Dependencies: 2"
MIXED = ["ERROR", "WARNING", "INFO", "ERROR"]
CASES = (
    *(
        Case(f"issue {', '.join(given) or 'plain'} {given.get('severity', '')}".strip(), {"issue": given, "text": text})
        for given, text in ISSUES
    ),
    Case("valid result", {"result": True, "issues": [], "begins": VALID}, component=f"{RESULT}.__str__"),
    Case("valid result with warnings", {"result": True, "issues": ["WARNING"], "begins": VALID}, component=f"{RESULT}.__str__"),
    Case("invalid result", {"result": False, "issues": MIXED, "begins": INVALID}, component=f"{RESULT}.__str__"),
    Case("errors", {"kind": "errors", "issues": MIXED, "found": [0, 3]}, component=f"{RESULT}.errors"),
    Case("warnings", {"kind": "warnings", "issues": MIXED, "found": [1]}, component=f"{RESULT}.warnings"),
    Case("severities", {"values": {"ERROR": "error", "WARNING": "warning", "INFO": "info"}}, component="stageflow.cli.lint.IssueSeverity"),
)


def issue(name="process", severity="ERROR", **given):
    level = need("stageflow.cli.lint:IssueSeverity")[severity]
    return need("stageflow.cli.lint:DependencyIssue")(stage_name=name, message="no input", severity=level, **given)


def scenario(params):
    if "issue" in params:
        expect_equal(str(issue(**params["issue"])), params["text"], "text of the issue")
        return
    if "values" in params:
        str(issue())
        seen = {level.name: level.value for level in need("stageflow.cli.lint:IssueSeverity")}
        expect_equal(seen, dict(params["values"]), "severities")
        return
    issues = [issue(f"s{at}", severity) for at, severity in enumerate(params["issues"])]
    result = need("stageflow.cli.lint:DependencyLintResult")(params.get("result", False), issues, stage_count=3, dependency_count=2)
    if "kind" in params:
        found = getattr(result, params["kind"])
        expect_equal([at for at, one in enumerate(issues) if one in found], list(params["found"]), params["kind"])
        return
    text = str(result)
    told = [text[: len(params["begins"])], [at for at in range(len(issues)) if f"] s{at}: no input" in text]]
    expect_equal(told, [params["begins"], list(range(len(issues)))], "[beginning of the text, issues in it]")


def control(params):
    if "issue" in params:
        given = params["issue"]
        lines = [f"[{given.get('severity', 'ERROR')}] process: no input"]
        lines += [f"  Suggestion: {given['suggestion']}"] if "suggestion" in given else []
        lines += [f"  Line: {given['line_number']}"] if "line_number" in given else []
        expect_equal("\n".join(lines), params["text"], "text of the issue")
    elif "values" in params:
        expect_equal({name: name.lower() for name in params["values"]}, dict(params["values"]), "severities")
    elif "kind" in params:
        wanted = params["kind"].upper().removesuffix("S")
        expect_equal([at for at, severity in enumerate(params["issues"]) if severity == wanted], list(params["found"]), params["kind"])
    else:
        errors = params["issues"].count("ERROR")
        head = "\u2713 Pipeline dependencies are valid" if params["result"] else f"\u2717 Found {errors} error(s)"
        expect_equal(f"{head}\n  Stages: 3\n  Dependencies: 2", params["begins"], "beginning of the text")
