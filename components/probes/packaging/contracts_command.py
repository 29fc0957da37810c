"""The documented command-line commands run from an installed package."""

import contextlib
import io
import sys

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="`python -m stageflow.cli contracts` cannot run: its script is not part of the package",
    claim="The contracts command lists and compares contracts, as its help says; CI is told to run it.",
    source="docs/advanced/testing.md#schema-registry--typed-outputs",
    component="stageflow.cli.contracts",
    subsystem="packaging",
    category="correctness",
    type="bug",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="The contract checks of the documentation cannot be run after `pip install stageflow-core`.",
    recommendation="Move scripts/contracts.py into the package (stageflow/cli/contracts.py) and call its main().",
    workaround="Take scripts/contracts.py from the source distribution.",
    seconds=30.0,
)

CASES = (
    Case("help", {"arguments": ["--help"], "code": 0}, component="stageflow.cli"),
    Case("no-command", {"arguments": [], "code": 0}, component="stageflow.cli"),
    Case("lint-missing-file", {"arguments": ["lint", "no-such-file.py"], "code": 1}, component="stageflow.cli.lint"),
    Case("contracts-list", {"arguments": ["contracts", "list"], "code": 0}, cause="stageflow.cli.__main__:main #contracts"),
)


def exit_code(main, arguments):
    """What the command ends with; its text is swallowed."""
    sys.argv = ["stageflow", *arguments]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return main()
        except SystemExit as end:
            return end.code or 0
        except Exception as error:
            raise Violation("an exit code", type(error).__name__) from error


def scenario(params):
    if "contracts" in params["arguments"]:
        need("stageflow.contracts")
    expect_equal(exit_code(need("stageflow.cli.__main__:main"), params["arguments"]), params["code"], f"exit code of {params['arguments']}")


def control(params):
    expect_equal(exit_code(lambda: params["code"], params["arguments"]), params["code"], "exit code of a stand-in")
