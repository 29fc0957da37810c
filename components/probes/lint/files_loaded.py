"""A file is linted as Python would import it; what cannot be loaded is refused with the documented exception."""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="lint_pipeline_file reads a file wrongly, or does not refuse one that it cannot load",
    claim="All public pipelines of a file are linted under their names; a missing or unloadable file raises the documented errors.",
    source="docs/api/cli.md#lint_pipeline_file",
    component="stageflow.cli.lint.lint_pipeline_file",
    subsystem="lint",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A broken pipeline passes the check, or a sound file cannot be checked.",
    recommendation="Load the file as a registered module and lint every pipeline found in it.",
)

HEAD = "from stageflow import Pipeline\n\n\nasync def work(ctx):\n    return None\n\n\n"
SOUND = "Pipeline().with_stage('a', work, 'work').with_stage('b', work, 'work', dependencies=('a',))"
BROKEN = f"{SOUND}.with_stage('c', work, 'work', dependencies=('nobody',))"
DATACLASS = "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom typing import ClassVar\n"
SETTINGS = "@dataclass\nclass Settings:\n    shared: ClassVar[int] = 1\n    model: str = 'm'\n\n\n"
IMPORTS = ["ImportError", 1, []]
FILES = {
    "one pipeline": (HEAD + f"chat = {SOUND}\n", [True, 2, []]),
    "two pipelines": (HEAD + f"chat = {SOUND}\nvoice = {SOUND}\n", [True, 4, []]),
    "second is broken": (HEAD + f"a_chat = {SOUND}\nvoice = {BROKEN}\n", [False, 5, ["voice.c"]]),
    "first is broken": (HEAD + f"a_voice = {BROKEN}\nchat = {SOUND}\n", [False, 5, ["a_voice.c"]]),
    "private one": (HEAD + f"_broken = {BROKEN}\nchat = {SOUND}\n", [True, 2, []]),
    "factory": (HEAD + f"def create_chat():\n    return {BROKEN}\n", [False, 3, ["create_chat.c"]]),
    "factory of something else": (HEAD + f"def create_client():\n    return object()\n\n\nchat = {SOUND}\n", [True, 2, []]),
    "factory with arguments": (HEAD + f"def create_chat(name):\n    return {BROKEN}\n\n\nchat = {SOUND}\n", [True, 2, []]),
    "dataclass": (DATACLASS + HEAD + SETTINGS + f"chat = {SOUND}\n", [True, 2, []]),
    "empty": ("", [True, 0, ["<module>"]]),
    "not there": (None, ["FileNotFoundError", 1, []]),
    "raises": ("raise RuntimeError('no configuration')\n", IMPORTS),
    "missing import": ("import no_such_module_anywhere\n", IMPORTS),
    "not Python": ("def (:\n", IMPORTS),
}
CASES = tuple(Case(name, {"file": name}) for name in FILES)


def issues_of(result):
    return [result.valid, result.stage_count, sorted(issue.stage_name for issue in result.issues)]


def loaded(lint, main, path):
    """What the linter says, or [exception, exit code of the command, what the command printed]."""
    try:
        return issues_of(lint(path))
    except Exception as error:
        sys.argv, out, told = ["lint", str(path)], io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
            code = main()
        said = [] if told.getvalue() and not out.getvalue() else ["nothing on standard error"]
        kind = next((base.__name__ for base in (FileNotFoundError, ImportError) if isinstance(error, base)), type(error).__name__)
        return [kind, code, said]


def scenario(params):
    text, wanted = FILES[params["file"]]
    lint, main = need("stageflow.cli.lint:lint_pipeline_file"), need("stageflow.cli.lint:main")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chat.py"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        seen = loaded(lint, main, path)
    expect_equal(seen, wanted, "[valid, stages, stages with issues], or [exception, exit code, missing]")


def control(params):
    text, wanted = FILES[params["file"]]
    if wanted[0] in (True, False):
        parts = [line for line in (text or "").splitlines() if "Pipeline()" in line and not line.startswith("_") and "(name)" not in text]
        seen = [not any("nobody" in line for line in parts), wanted[1], wanted[2]]
    else:
        seen = ["FileNotFoundError" if text is None else "ImportError", 1, []]
    expect_equal(seen, wanted, "[valid, stages, stages with issues], or [exception, exit code, missing]")
