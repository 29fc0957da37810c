"""From a scenario to a verdict, in this process. Also the `main` of every stand-alone reproduction."""

import asyncio
import importlib
import inspect
import json
import logging
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from components.lab.absence import absence_told
from components.lab.probe import NotApplicable, Violation
from components.lab.virtual_time import run_virtual

Scenario = Callable[[Mapping[str, Any]], Any]


def play(scenario: Scenario, params: Mapping[str, Any], seconds: float) -> None:
    """Run a plain or async scenario to its end; the real-time limit applies to async ones.

    The loop is left open on purpose: closing it would wait for tasks that a defect made uncancellable.
    """
    with absence_told():
        outcome = scenario(params)
        if inspect.isawaitable(outcome):
            loop = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
            loop.run_until_complete(asyncio.wait_for(outcome, seconds))


def play_virtual(scenario: Scenario, params: Mapping[str, Any], seconds: float) -> None:
    """Run a plain or async scenario to its end in virtual time; `seconds` is not enforced here."""
    with absence_told():
        outcome = scenario(params)
        if inspect.isawaitable(outcome):
            run_virtual(outcome)


def main(
    scenario: Scenario, params: Mapping[str, Any], seconds: float, player: Callable[[Scenario, Mapping[str, Any], float], None]
) -> None:
    """Play the scenario, say what was seen, and end the process: 1 defect present, 0 absent, 2 API missing, 3 no verdict."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    code = 3
    try:
        player(scenario, params, seconds)
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


def table(
    scenario: Scenario,
    cases: Mapping[str, Mapping[str, Any]],
    seconds: float,
    player: Callable[[Scenario, Mapping[str, Any], float], None],
) -> None:
    """Play every case in a fork of its own and print one JSON line per case: holds, violated, not_applicable or unknown."""
    words = {0: "holds", 1: "violated", 2: "not_applicable"}
    importlib.import_module("stageflow")
    for case, params in cases.items():
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            os.dup2(2, 1)  # what the case prints must not mix with the verdicts
            threading.Timer(seconds + 10, os._exit, (4,)).start()
            main(scenario, params, seconds, player)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        print(json.dumps({"case": case, "verdict": words.get(code, "unknown")}))
    sys.stdout.flush()
    os._exit(0)
