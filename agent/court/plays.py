"""Plays stand-alone scripts in fresh sandboxed processes; what their exit codes mean."""

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent.core.artifacts import Verdict
from agent.core.files import write_atomic
from agent.core.tool import ToolContext
from tools.run_code import run_python
from tools.sandbox import Outcome
from tools.sandbox.text import plain

RUNS = 3
"""Fresh processes that must all show the defect."""
HOLDS, PRESENT, MISSING, CRASHED = 0, 1, 2, 3
"""Exit codes of a stand-alone script; anything else is no verdict, as CRASHED is."""
VERDICTS: dict[int | None, Verdict] = {HOLDS: "holds", PRESENT: "violated", MISSING: "not_applicable"}
LOG_CHARACTERS = 20_000
"""Kept of each output of a log."""
GRACE = 15.0
"""Real seconds on top of a script's own limit: starting Python and importing stageflow on a busy machine."""


def exit_codes(file: Path, context: ToolContext, seconds: float, runs: int = RUNS, *, logs: bool = False) -> list[int | None]:
    """Exit codes of fresh sandboxed processes; None for one that had to be killed.

    A script that says nothing of a defect and ends with 1 has died of an exception: no verdict. With `logs`, what each process
    printed is kept beside the script, see `log_files`.
    """

    def once(_: int) -> Outcome:
        return run_python([str(file)], context=context, seconds=seconds + GRACE, readable=(file.parent,))

    with ThreadPoolExecutor(runs) as pool:
        outcomes = list(pool.map(once, range(runs)))
    if logs:
        for place, outcome in zip(log_files(file, runs), outcomes, strict=True):
            ended = None if outcome.timed_out else outcome.exit_code
            write_atomic(place, log_text(ended, plain(outcome.stdout), plain(outcome.stderr)))
    return [code_of(outcome) for outcome in outcomes]


def code_of(outcome: Outcome) -> int | None:
    """The exit code as a verdict."""
    if outcome.timed_out:
        return None
    crashed = outcome.exit_code == PRESENT and b"PRESENT" not in outcome.stdout
    return CRASHED if crashed else outcome.exit_code


def log_files(script: Path, runs: int) -> list[Path]:
    """Where the outputs of a script, as it is now, are kept: one file for each process."""
    mark = hashlib.sha256(script.read_bytes()).hexdigest()[:12]
    return [script.with_name(f"{script.stem}-{mark}-{number}.log") for number in range(1, runs + 1)]


def log_text(exit_code: int | None, stdout: str, stderr: str) -> str:
    """One log out of the outputs of a run."""
    ended = "killed at its time limit" if exit_code is None else f"exit code {exit_code}"
    parts = {"standard output": stdout, "standard error": stderr}
    return "".join(f"--- {name}\n{tail(text)}" for name, text in parts.items()) + f"--- {ended}\n"


def tail(text: str) -> str:
    """The end of an output, with a line end."""
    left_out = len(text) - LOG_CHARACTERS
    kept = text if left_out <= 0 else f"[the first {left_out} characters are left out]\n{text[-LOG_CHARACTERS:]}"
    return kept if not kept or kept.endswith("\n") else kept + "\n"


def verdict_of(text: str, context: ToolContext, seconds: float) -> Verdict:
    """What one run of a script that is not kept comes to."""
    with tempfile.TemporaryDirectory(prefix="control-", ignore_cleanup_errors=True) as made:
        file = Path(made).resolve() / "control.py"
        write_atomic(file, text)
        return VERDICTS.get(exit_codes(file, context, seconds, runs=1)[0], "unknown")
