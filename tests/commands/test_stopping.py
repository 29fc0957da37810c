"""An interruption arrives, also one that Python drops because it meets a finalizer."""

import subprocess
import sys
import time

import pytest

from tests.conftest import SLACK

PROGRAM = """
import os, signal, sys, time
from agent.commands.stopping import stoppable

class Held:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        for _ in range(1000):
            pass

with stoppable() as stop:
    try:
        if sys.argv[1] == str(int(signal.SIGALRM)):
            stop.after(0.001)
            time.sleep(5)
        held = Held()
        del held
        print("dropped", flush=True)
        time.sleep(5)
    except KeyboardInterrupt:
        stop.heard()
        time.sleep(1.5)
        print("heard", stop.late)
"""


@pytest.mark.parametrize(("number", "said"), [("2", "dropped\nheard False\n"), ("15", "dropped\nheard False\n"), ("14", "heard True\n")])
def test_an_interruption_that_is_dropped_comes_again(number: str, said: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, number], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == (said, "", 0)


STUCK = """
import os, signal, time
from agent.commands.stopping import stoppable

with stoppable(patience=1.0):
    unsent = True
    while True:
        try:
            if unsent:
                unsent = False
                os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
        except KeyboardInterrupt:
            pass
"""


def test_whoever_does_not_end_is_ended_and_says_where_it_stood() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and time.monotonic() - began < 1 + SLACK
    assert done.stderr.startswith("Timeout (0:00:01)!") and 'File "<string>"' in done.stderr


BUSY = """
import atexit, threading, time
from concurrent.futures import ThreadPoolExecutor
from agent.commands.endings import leave

atexit.register(print, "told at the end")
ThreadPoolExecutor(1).submit(time.sleep, 30)
leave(130)
"""


def test_a_command_ends_although_its_threads_still_work() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", BUSY], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr, done.returncode) == ("told at the end\n", "", 130) and time.monotonic() - began < SLACK
