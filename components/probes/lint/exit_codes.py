"""The lint commands exit with 0 for a valid file and 1 otherwise, and print the same verdict as JSON."""

import contextlib
import io
import json
import sys
import tempfile
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A lint command's exit code or JSON output does not tell the verdict",
    claim="Errors, and with --strict warnings too, make the exit code 1 and valid false in --json; otherwise 0 and true.",
    source="docs/api/cli.md#options",
    component="stageflow.cli.lint.main",
    subsystem="lint",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="CI passes broken pipelines.",
    recommendation="Return 0 only for a valid result.",
)

HEAD = "from stageflow import Pipeline\n\n\nasync def work(ctx):\n    return None\n\n\nchat = Pipeline().with_stage('a', work, 'work')"
SOUND = HEAD + ".with_stage('b', work, 'work', dependencies=('a',))\n"
ORPHAN = HEAD + ".with_stage('b', work, 'work')\n"
BROKEN = HEAD + ".with_stage('b', work, 'work', dependencies=('nobody',))\n"
ROWS = (
    ("sound", SOUND, [], 0),
    ("sound, strict", SOUND, ["--strict"], 0),
    ("warning", ORPHAN, [], 0),
    ("warning, strict", ORPHAN, ["--strict"], 1),
    ("error", BROKEN, [], 1),
    ("error, strict", BROKEN, ["--strict"], 1),
)
ENTRIES = (("lint", "stageflow.cli.lint:main", []), ("stageflow", "stageflow.cli.__main__:main", ["lint"]))


def cases():
    return [
        Case(
            f"{command}: {name}{', JSON' if as_json else ''}",
            {"entry": entry, "before": before, "text": text, "options": options + as_json, "code": code},
            component=entry.replace(":", "."),
        )
        for command, entry, before in ENTRIES
        for name, text, options, code in ROWS
        for as_json in ([], ["--json"])
    ]


def run_lint(main, arguments):
    sys.argv = ["lint", *arguments]
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            code = main()
        except SystemExit as error:
            code = error.code
    return code, out.getvalue()


def verdict_of(code, text, options):
    return [code, json.loads(text)["valid"] if "--json" in options else code == 0]


def scenario(params):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chat.py"
        file.write_text(params["text"], encoding="utf-8")
        code, text = run_lint(need(params["entry"]), [*params["before"], str(file), *params["options"]])
    expect_equal(verdict_of(code, text, params["options"]), [params["code"], params["code"] == 0], "[exit code, valid]")


def control(params):
    broken = "nobody" in params["text"]
    lonely = "dependencies" not in params["text"]
    bad = broken or (lonely and "--strict" in params["options"])
    text = json.dumps({"valid": not bad})
    expect_equal(verdict_of(int(bad), text, params["options"]), [params["code"], params["code"] == 0], "[exit code, valid]")
