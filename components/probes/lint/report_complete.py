"""What the lint commands print is what the linter found: every issue with all of its fields, the counts and the verdict."""

import contextlib
import io
import json
import runpy
import sys
import tempfile
from pathlib import Path

from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="The lint command's report is not what the linter found",
    claim="JSON has valid, both counts and each issue with its six fields; the text has the verdict, the counts and every issue.",
    source="docs/api/cli.md#json-output-format",
    component="stageflow.cli.lint.main",
    subsystem="lint",
    category="observability",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A build passes, or fails without saying why.",
    recommendation="Print every issue of the result that the chosen options ask for.",
)

HEAD = "from stageflow import Pipeline\n\n\nasync def work(ctx):\n    return None\n\n\n"
SOUND = "Pipeline().with_stage('a', work, 'work').with_stage('b', work, 'work', dependencies=('a',))"
BROKEN = f"{SOUND}.with_stage('process', work, 'work', dependencies=('missing', 'b'))"
LONELY = f"{SOUND}.with_stage('z', work, 'work')"
FILES = {
    "sound": (HEAD + f"chat = {SOUND}\n", True, 2, []),
    "broken": (HEAD + f"chat = {BROKEN}\n", False, 3, [["chat.process", "missing", "error", "missing"]]),
    "lonely": (HEAD + f"chat = {LONELY}\n", True, 3, [["chat.z", "isolated", "warning", None]]),
    "both": (
        HEAD + f"one = {BROKEN}\ntwo = {LONELY}\n",
        False,
        6,
        [["one.process", "missing", "error", "missing"], ["two.z", "isolated", "warning", None]],
    ),
    "nothing": ("x = 1\n", True, 0, [["<module>", "No Pipeline", "warning", None]]),
}
MODULES = {"lint": "stageflow.cli.lint", "stageflow lint": "stageflow.cli.__main__"}
OPTIONS = ([], ["--verbose"], ["--strict"])
CASES = tuple(
    Case(
        " ".join([command, file, *options, form, *([how] if how != "called" else [])]),
        {"command": command, "file": file, "options": options, "form": form, "how": how},
        component=f"{module}.main",
    )
    for command, module in MODULES.items()
    for file in (FILES if command == "lint" else ("lonely", "both"))
    for options in (OPTIONS if file == "lonely" else ([],))
    for form in ("--json", "text")
    for how in (("called", "python -m") if (file, form) == ("both", "text") else ("called",))
)
FIELDS = ("stage_name", "message", "severity", "accessed_stage", "suggestion", "line_number")


def printed(params):
    """[exit code, what the command prints] when its main() is called, or when it is run as a module."""
    form = ["--json"] if params["form"] == "--json" else []
    before = ["lint"] if params["command"] == "stageflow lint" else []
    out, saved = io.StringIO(), sys.argv
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chat.py"
        file.write_text(FILES[params["file"]][0], encoding="utf-8")
        sys.argv = ["stageflow", *before, str(file), *params["options"], *form]
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                if params["how"] == "called":
                    return [need(f"{MODULES[params['command']]}:main")(), out.getvalue()]
                runpy.run_module(MODULES[params["command"]], run_name="__main__", alter_sys=False)
        except SystemExit as end:
            return [end.code, out.getvalue()]
        except NotApplicable:
            raise
        except Exception as error:
            return [f"{type(error).__name__} raised", out.getvalue()]
        finally:
            sys.argv = saved
    return ["no exit", out.getvalue()]


def wanted(params):
    _, valid, stages, issues = FILES[params["file"]]
    valid = valid and not ("--strict" in params["options"] and any("warning" in issue for issue in issues))
    return [0 if valid else 1, valid, stages, [[*issue, True] for issue in issues]]


def from_json(text, issues):
    """[valid, stages, [name, part of the message, severity, accessed stage, has a suggestion] of each issue]"""
    told = json.loads(text)
    rows = []
    for row in told["issues"]:
        absent = [name for name in FIELDS if name not in row]
        part = next((part for name, part, *_ in issues if name == row.get("stage_name") and part in row.get("message", "")), "?")
        rows.append(absent or [row["stage_name"], part, row["severity"], row["accessed_stage"], bool(row["suggestion"])])
    return [told["valid"], told["stage_count"], sorted(rows)]


def from_text(text, issues):
    """The same facts, read from the text; what it does not tell is taken from the issue."""
    rows = []
    for name, part, severity, accessed in issues:
        lines = [line for line in text.splitlines() if f"[{severity.upper()}] {name}: " in line and part in line]
        rows += [[name, part, severity, accessed, "Suggestion: " in text]] * len(lines)
    counts = [line.split(":")[1].strip() for line in text.splitlines() if line.strip().startswith("Stages:")]
    return ["\u2713" in text and "\u2717" not in text, int(counts[0]) if counts else "no count", sorted(rows)]


def judge(code, text, params):
    issues = FILES[params["file"]][3]
    try:
        seen = (from_json if params["form"] == "--json" else from_text)(text, issues)
    except (ValueError, KeyError) as error:
        seen = [f"an unreadable report ({type(error).__name__})"]
    expect_equal([code, *seen], wanted(params), "[exit code, valid, stages, issues]")


def scenario(params):
    need(f"{MODULES[params['command']]}:main")
    need("stageflow.cli.lint:analyze_stage_source")("")  # a command that does nothing at all would look like a missing target
    judge(*printed(params), params)


def control(params):
    code, valid, stages, issues = wanted(params)
    if params["form"] == "--json":
        rows = [dict(zip(FIELDS, (name, part, severity, stage, "do", None), strict=True)) for name, part, severity, stage, _ in issues]
        text = json.dumps({"valid": valid, "stage_count": stages, "dependency_count": 0, "issues": rows})
    else:
        rows = [f"[{severity.upper()}] {name}: {part}\n  Suggestion: do" for name, part, severity, *_ in issues]
        text = "\n".join(["\u2713" if valid else "\u2717", f"  Stages: {stages}", *rows])
    judge(code, text, params)
