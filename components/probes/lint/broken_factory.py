"""A pipeline factory that crashes is not reported as a valid file."""

import tempfile
from pathlib import Path

from components.lab.dag_kit import raised_by
from components.lab.probe import Case, NotApplicable, Probe, expect, need

PROBE = Probe(
    title="lint_pipeline_file leaves out a pipeline factory that crashes and calls the file valid, without an issue",
    claim="A create_…_pipeline() factory that needs no arguments and raises shows in the result, or its error gets through.",
    source="docstring:stageflow.cli.lint.lint_pipeline_file",
    component="stageflow.cli.lint.lint_pipeline_file",
    subsystem="lint",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The CI check is green, even with --strict, for a module one of whose pipelines cannot be built.",
    recommendation="Skip only factories whose signature needs arguments; report any other exception as an error.",
    workaround="Build the pipelines in a test as well.",
    cause="stageflow.cli.lint:lint_pipeline_file #broken-factory",
)

HEAD = (
    "from stageflow import Pipeline\n\n\nasync def work(ctx):\n    return None\n\n\nsound = Pipeline().with_stage('a', work, 'work')\n\n\n"
)
CASES = (
    Case("cannot be imported", {"text": "raise RuntimeError('no configuration')\n"}),
    Case("factory raises", {"text": HEAD + "def create_chat_pipeline():\n    raise RuntimeError('no configuration')\n"}),
    Case(
        "factory composes a conflict",
        {
            "text": HEAD + "def one(ctx):\n    return None\n\n\ndef two(ctx):\n    return None\n\n\n"
            "def create_chat_pipeline():\n"
            "    return Pipeline().with_stage('a', one, 'work').compose(Pipeline().with_stage('a', two, 'work'))\n"
        },
    ),
)
EXPECTED = "an invalid result, an issue or an exception"


def breaks(text):
    """The file, or one of its factories, raises."""
    names = {}
    exec(compile(text, "chat.py", "exec"), names)
    names["create_chat_pipeline"]()


def called_valid(check, text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "chat.py"
        file.write_text(text, encoding="utf-8")
        verdicts = []
        raised = raised_by(lambda: verdicts.append(check(file)))
        return raised == "nothing" and verdicts[0]


def clean(result):
    return result.valid and not result.issues


def scenario(params):
    lint = need("stageflow.cli.lint:lint_pipeline_file")
    if raised_by(lambda: breaks(params["text"])) == "nothing":
        raise NotApplicable("this factory does not raise")
    expect(not called_valid(lambda file: clean(lint(file)), params["text"]), EXPECTED, "a valid result without an issue")


def control(params):
    def strict(file):
        breaks(file.read_text(encoding="utf-8"))
        return True

    if raised_by(lambda: breaks(params["text"])) == "nothing":
        raise NotApplicable("this factory does not raise")
    expect(not called_valid(strict, params["text"]), EXPECTED, "a valid result without an issue")
