"""The linter accepts a folder, as the CI examples use it."""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The documented CI call of the linter with a folder always fails",
    claim="python -m stageflow.cli.lint my_app/pipelines/ lints the pipelines in that folder.",
    source="docs/api/cli.md#github-actions-example",
    component="stageflow.cli.lint.main",
    subsystem="lint",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="The CI job and the commit hook copied from the page reject every commit.",
    recommendation="Lint every Python file below a folder, or show file arguments in the page.",
    workaround="Call the linter once per file.",
    cause="docs:linter called with a folder",
)

CASES = (Case("file", {"target": "chat.py"}), Case("folder", {"target": "."}))
TEXT = "from stageflow import Pipeline\n\n\nasync def work(ctx):\n    return None\n\n\nchat = Pipeline().with_stage('a', work, 'work')\n"


def exit_code(main, arguments):
    """What a command's main() returns or exits with; its output is dropped."""
    sys.argv = ["lint", *arguments]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return main()
        except SystemExit as error:
            return error.code


def scenario(params):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "chat.py").write_text(TEXT, encoding="utf-8")
        code = exit_code(need("stageflow.cli.lint:main"), [str(Path(folder) / params["target"])])
    expect_equal(code, 0, "exit code of the linter on a sound pipeline")


def control(params):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "chat.py").write_text(TEXT, encoding="utf-8")
        target = Path(folder) / params["target"]
        files = [target] if target.is_file() else list(target.glob("*.py"))
    expect_equal(0 if len(files) == 1 else 1, 0, "exit code of a linter on a sound pipeline")
