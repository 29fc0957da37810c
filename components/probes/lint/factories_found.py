"""Functions that return a pipeline are linted, whatever their name."""

import tempfile
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="lint_pipeline_file leaves out functions that return a Pipeline unless they are named create_… or …_pipeline",
    claim="lint_pipeline_file lints module-level pipelines, create_*_pipeline() factories and functions that return Pipeline instances.",
    source="docstring:stageflow.cli.lint.lint_pipeline_file",
    component="stageflow.cli.lint.lint_pipeline_file",
    subsystem="lint",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Broken pipelines pass the check because of their function's name.",
    recommendation="Call every function that needs no arguments and is annotated to return a Pipeline, or name both patterns in the text.",
    workaround="Name factories create_…_pipeline.",
    cause="stageflow.cli.lint:lint_pipeline_file #names",
)

BROKEN = "Pipeline().with_stage('b', work, 'work', dependencies=('nobody',))"
HEAD = "from stageflow import Pipeline\n\n\nasync def work(ctx):\n    return None\n\n\nsound = Pipeline().with_stage('a', work, 'work')\n"
CASES = (
    Case("variable", {"text": HEAD + f"broken = {BROKEN}\n"}),
    Case("create_chat_pipeline", {"text": HEAD + f"\n\ndef create_chat_pipeline() -> Pipeline:\n    return {BROKEN}\n"}),
    Case("chat_pipeline", {"text": HEAD + f"\n\ndef chat_pipeline() -> Pipeline:\n    return {BROKEN}\n"}),
    Case("build_chat", {"text": HEAD + f"\n\ndef build_chat() -> Pipeline:\n    return {BROKEN}\n"}),
)


def scenario(params):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chat.py"
        file.write_text(params["text"], encoding="utf-8")
        result = need("stageflow.cli.lint:lint_pipeline_file")(file)
    expect_equal(result.valid, False, "valid, for a file with a broken pipeline")


def control(params):
    expect_equal("nobody" not in params["text"], False, "valid, for a file with a broken pipeline")
