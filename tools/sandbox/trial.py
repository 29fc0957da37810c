"""Finds out whether a sandbox works by really running a small job in it."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from agent.core.errors import EnvironmentUnfit, ToolFailed
from tools.sandbox.contract import Job, Sandbox
from tools.sandbox.places import BASE_PYTHON

AnySandbox = TypeVar("AnySandbox", bound=Sandbox)
PROGRAM = "open('answer', 'w').write(str(6 * 7)); print('ready')"


def works(sandbox: Sandbox) -> str:
    """Why the sandbox does not work here; empty when it does."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve()
        job = Job([str(BASE_PYTHON), "-I", "-S", "-c", PROGRAM], place, writable=(place,), seconds=10)
        try:
            outcome = sandbox.run(job)
        except ToolFailed as failure:
            return str(failure)
        answer = place / "answer"
        if outcome.exit_code != 0 or outcome.stdout != b"ready\n" or not answer.exists():
            return f"a trial job went wrong: {outcome.stderr.decode(errors='replace').strip()[-200:]}"
        if answer.stat().st_uid != os.geteuid():
            return "files written by a trial job do not belong to the caller"
    return ""


def try_out(forms: Iterable[AnySandbox], name: str, hint: str) -> AnySandbox:
    """The first form that works.

    Raises:
        EnvironmentUnfit: none does; the message says why the first one does not.
    """
    reasons = []
    for form in forms:
        reason = works(form)
        if not reason:
            return form
        reasons.append(reason)
    raise EnvironmentUnfit(f"{name} does not work here: {reasons[0]}", hint=hint)
