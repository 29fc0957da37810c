"""The stageflow command explains itself, and refuses what it cannot do with an exit code and a message."""

import contextlib
import io
import sys
import tempfile
from pathlib import Path

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import run_target

PROBE = Probe(
    title="The stageflow command ends with a wrong exit code, or without saying why",
    claim="Help exits with 0 and names the commands; a missing or unloadable file exits with 1, a wrong call with 2, each with a message.",
    source="docs/api/cli.md#usage",
    component="stageflow.cli.__main__.main",
    subsystem="lint",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="CI takes a check that never ran for a passed one.",
    recommendation="Return 1 for every file that could not be checked and let argparse report wrong calls.",
)

LINT = "stageflow.cli.lint.main"
HELP = [0, ["lint"], "out"]
ROWS = (
    ("stageflow: nothing", [], HELP, ""),
    ("stageflow: --help", ["--help"], HELP, ""),
    ("stageflow: lint --help", ["lint", "--help"], [0, ["--verbose", "--json", "--strict"], "out"], ""),
    ("stageflow: lint without a file", ["lint"], [2, ["file"], "err"], ""),
    ("stageflow: unknown command", ["check"], [2, ["check"], "err"], ""),
    ("stageflow: file not there", ["lint", "absent.py"], [1, ["absent.py"], "err"], ""),
    ("stageflow: file raises", ["lint", "raises.py"], [1, ["no configuration"], "err"], ""),
    ("lint: --help", ["--help"], [0, ["--verbose", "--json", "--strict"], "out"], LINT),
    ("lint: without a file", [], [2, ["file"], "err"], LINT),
    ("lint: unknown option", ["raises.py", "--fast"], [2, ["--fast"], "err"], LINT),
    ("lint: file not there", ["absent.py"], [1, ["absent.py"], "err"], LINT),
    ("lint: file raises", ["raises.py"], [1, ["no configuration"], "err"], LINT),
)
CASES = tuple(
    Case(
        name,
        {"entry": "stageflow.cli.lint:main" if owner else "stageflow.cli.__main__:main", "words": words, "expected": expected},
        component=owner,
    )
    for name, words, expected, owner in ROWS
)


def ended(main, words):
    """(exit code, standard output, standard error)"""
    out, told, saved = io.StringIO(), io.StringIO(), sys.argv
    sys.argv = ["stageflow", *words]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(told):
            code = main()
    except SystemExit as end:
        code = end.code
    except Exception as error:
        code = f"{type(error).__name__} raised"
    finally:
        sys.argv = saved
    return code, out.getvalue(), told.getvalue()


def judge(code, out, told, expected):
    wanted, parts, where = expected
    text = out if where == "out" else told
    expect_equal([code, [part for part in parts if part not in text]], [wanted, []], f"[exit code, not told on std{where}]")


def scenario(params):
    main = need(params["entry"])
    run_target()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "raises.py").write_text("raise RuntimeError('no configuration')\n", encoding="utf-8")
        words = [str(Path(folder) / word) if word.endswith(".py") else word for word in params["words"]]
        judge(*ended(main, words), params["expected"])


def control(params):
    code, parts, where = params["expected"]
    text = " ".join(parts)
    judge(code, text if where == "out" else "", text if where == "err" else "", params["expected"])
