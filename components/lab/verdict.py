"""From a scenario to a verdict, in this process. Also the `main` of every stand-alone reproduction."""

import asyncio
import inspect
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from components.lab.probe import NotApplicable, Violation
from components.lab.virtual_time import run_virtual


def play(scenario: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], virtual_time: bool, seconds: float) -> None:
    """Run a plain or async scenario to its end; a real-time limit applies to async ones outside virtual time."""
    outcome = scenario(params)
    if not inspect.isawaitable(outcome):
        return

    async def limited() -> None:
        await asyncio.wait_for(outcome, None if virtual_time else seconds)

    if virtual_time:
        run_virtual(limited())
    else:
        asyncio.run(limited())


def main(scenario: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any], virtual_time: bool, seconds: float) -> None:
    """Play the scenario, say what was seen, and end the process: 1 defect present, 0 absent, 2 API missing, 3 no verdict."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    code = 3
    try:
        play(scenario, params, virtual_time, seconds)
        code = 0
        print("ABSENT: the claim holds")
    except Violation as violation:
        code = 1
        print(f"PRESENT: expected {violation.expected}\n         observed {violation.observed}")
    except NotApplicable as missing:
        code = 2
        print(f"NOT APPLICABLE: {missing}")
    except BaseException:
        print("NO VERDICT: the script itself failed")
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a defect may have left threads or tasks that would keep the interpreter alive
