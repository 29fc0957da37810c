"""A watch over the machine: time in which a process was not run is told from time that it used or slept away itself."""

import os
import signal
import subprocess
import sys
import time

import pytest

from components.lab.harness import LogRecorder, Notes
from tests.conftest import ROOT

STOPPED = 0.35
PROGRAM = """
import sys, time
from components.lab.stall import StallWatch
with StallWatch() as watch:
    print("ready", flush=True)
    began, used = time.monotonic(), time.process_time()
    until = began + 1.2
    while time.monotonic() < until:
        {act}
print(watch.worst, time.monotonic() - began - (time.process_time() - used))
"""


def lost(act: str, *, stopped: bool) -> tuple[float, float]:
    """(seconds that a process says it lost, seconds in which it used no processor); it is stopped for a while, or left alone."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM.format(act=act)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout and process.stdout.readline()
    if stopped:
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(STOPPED)
        os.kill(process.pid, signal.SIGCONT)
    worst, idle = map(float, process.communicate(timeout=30)[0].split())
    return worst, idle


def test_a_process_that_was_not_run_says_so() -> None:
    """Whether it slept or worked."""
    assert lost("time.sleep(0.01)", stopped=True)[0] > 0.8 * STOPPED
    assert lost("sum(range(1000))", stopped=True)[0] > 0.8 * STOPPED


def test_work_and_sleep_of_its_own_are_not_lost() -> None:
    """Blocking the loop is the program's own doing: never more is lost than there was idle time, and little of that when it slept."""
    worst, idle = lost("sum(range(5_000_000))", stopped=False)
    assert worst <= idle + 0.05
    worst, idle = lost("time.sleep(0.5)", stopped=False)
    assert worst < 0.5 * idle


@pytest.mark.parametrize(
    ("lost", "problem", "verdict"),
    [
        (0.2, "record 3 ended failed: Stage 'a' timed out", "unknown"),
        (0.2, "record 3 ended failed: TimeoutError", "unknown"),
        (0.2, "record 3: 4 instead of 5", "violated"),
        (0.01, "record 3 ended failed: Stage 'a' timed out", "violated"),
    ],
)
def test_a_time_out_on_a_starved_machine_is_unknown(lost: float, problem: str, verdict: str) -> None:
    """What has nothing to do with a clock, and time-outs of a process that was run, are judged as ever."""
    notes = Notes(1, LogRecorder())
    notes.stalls.worst = lost
    notes.judge("id", "claim", "invariant:isolation", "invariant", [problem])
    assert notes.checks[0].verdict == verdict and problem in notes.checks[0].observed
