"""An interruption arrives, also one that Python drops because it meets a finalizer."""

import subprocess
import sys

import pytest

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
