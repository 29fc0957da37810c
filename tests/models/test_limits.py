"""Limits hold in every window, across processes, and follow what a provider says about them."""

import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.models.catalogue import known
from agent.models.limits import DAY, MINUTE, Allowance, ComeBack, Granted, Limiter, NeverFits

ROOT = Path(__file__).parents[2]


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def limiter(file, allowance=None, clock=None):
    clock = clock or Clock()
    return Limiter(file, allowance or Allowance(30, 6_000, 14_400, 500_000), clock, clock.sleep)


def most_in_a_window(sent, period):
    """The largest sum of any half-open window that ends at a call."""
    return max((sum(size for at, size in sent if end - period < at <= end) for end, _ in sent), default=0)


@settings(max_examples=60, deadline=None)
@given(
    st.builds(Allowance, st.integers(1, 6), st.integers(50, 400), st.integers(3, 30), st.integers(200, 3_000)),
    st.lists(st.tuples(st.floats(0, 50), st.integers(1, 300), st.floats(0, 90)), min_size=1, max_size=30),
)
def test_no_window_ever_holds_more_than_its_limit(allowance, calls):
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        limits = limiter(Path(folder, "limits.sqlite"), allowance, clock)
        sent = []
        for pause, tokens, patience in calls:
            clock.now += pause
            began = clock.now
            verdict = limits.admit("m", tokens, patience)
            assert clock.now <= began + patience + 1
            if isinstance(verdict, Granted):
                sent.append((clock.now, tokens))
            if isinstance(verdict, NeverFits):
                assert tokens > verdict.largest
        ones = [(at, 1) for at, _ in sent]
        assert most_in_a_window(ones, MINUTE) <= allowance.requests_per_minute
        assert most_in_a_window(sent, MINUTE) <= allowance.tokens_per_minute
        assert most_in_a_window(ones, DAY) <= allowance.requests_per_day
        assert most_in_a_window(sent, DAY) <= allowance.tokens_per_day


CHILD = """
import sys, time
from pathlib import Path
from agent.models.limits import Allowance, Granted, Limiter
limiter = Limiter(Path(sys.argv[1]), Allowance(1000, 250, 40, 10**6))
print("ready", flush=True)
sys.stdin.readline()
print(sum(isinstance(limiter.admit(f"model {n}", 100, 0), Granted) for n in range(40)))
"""


def test_processes_that_start_at_once_share_one_limit(tmp_path):
    command = [sys.executable, "-c", CHILD, str(tmp_path / "limits.sqlite")]
    children = [subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for child in children:
        assert child.stdout and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    granted = [int(child.communicate(timeout=60)[0]) for child in children]
    assert sum(granted) == 40 * 2, granted
    assert max(granted) < 40 * 2, "the processes did not meet"


def test_nobody_decides_while_another_one_does(tmp_path):
    limits = Limiter(tmp_path / "l.sqlite", Allowance(9, 900, 9, 900))
    verdicts = []
    other = threading.Thread(target=lambda: verdicts.append(limits.admit("m", 100, 0)))
    with limits._transaction() as db:
        db.execute("SELECT * FROM sent").fetchall()
        other.start()
        other.join(0.4)
        assert verdicts == []
    other.join(30)
    assert isinstance(verdicts[0], Granted)


def test_a_process_killed_while_it_counts_leaves_a_file_that_others_use(tmp_path):
    file = tmp_path / "limits.sqlite"
    killed = (
        "import os, signal, sys; from pathlib import Path; from agent.models.limits import *\n"
        "limits = Limiter(Path(sys.argv[1]), Allowance(9, 900, 9, 900)); limits.admit('m', 100, 0)\n"
        "with limits._transaction() as db:\n"
        "    db.execute(\"INSERT INTO sent (scope, at, tokens) VALUES ('m', 9e9, 800)\"); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", killed, str(file)], cwd=ROOT).returncode == -9
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT tokens FROM sent").fetchall() == [(100,)]
    db.close()
    assert isinstance(Limiter(file, Allowance(9, 900, 9, 900)).admit("m", 800, 0), Granted)


def test_a_short_wait_is_waited_and_a_long_one_says_when(tmp_path):
    clock = Clock()
    limits = limiter(tmp_path / "l.sqlite", Allowance(100, 1_000, 100, 2_000), clock)
    assert limits.admit("m", 1_000, 0) == Granted(1)
    second = limits.admit("m", 1_000, 65)
    assert isinstance(second, Granted) and second.waited == pytest.approx(60, abs=1)
    third = limits.admit("m", 1_000, 65)
    assert isinstance(third, ComeBack)
    assert (third.period, third.at) == ("day", pytest.approx(1_000_000 + DAY))


def test_what_can_never_fit_is_told_apart_with_what_would(tmp_path):
    limits = limiter(tmp_path / "l.sqlite")
    verdict = limits.admit("m", 6_001, 1_000)
    assert isinstance(verdict, NeverFits)
    assert verdict.largest == limits.largest("m") == 6_000


def test_real_usage_replaces_the_estimate(tmp_path):
    limits = limiter(tmp_path / "l.sqlite")
    ticket = limits.admit("m", 5_000, 0)
    assert isinstance(limits.admit("m", 4_000, 0), ComeBack)
    limits.correct(ticket.ticket, 900)
    assert isinstance(limits.admit("m", 4_000, 0), Granted)


def test_models_do_not_share_a_limit(tmp_path):
    limits = limiter(tmp_path / "l.sqlite")
    assert isinstance(limits.admit("a", 6_000, 0), Granted)
    assert isinstance(limits.admit("b", 6_000, 0), Granted)


def test_limits_of_response_headers_overrule_the_settings(tmp_path):
    limits = limiter(tmp_path / "l.sqlite")
    limits.learn("m", {"x-ratelimit-limit-tokens": "8000", "x-ratelimit-limit-requests": "1"})
    assert limits.largest("m") == 8_000
    assert isinstance(limits.admit("m", 7_000, 0), Granted)
    verdict = limits.admit("m", 10, 65)
    assert isinstance(verdict, ComeBack) and verdict.period == "day"


def test_what_remains_by_the_headers_counts_other_machines_and_refills(tmp_path):
    clock = Clock()
    limits = limiter(tmp_path / "l.sqlite", clock=clock)
    said = {"x-ratelimit-limit-tokens": "6000", "x-ratelimit-remaining-tokens": "1000", "x-ratelimit-reset-tokens": "50s"}
    limits.learn("m", said)
    assert isinstance(limits.admit("m", 900, 0), Granted)
    clock.now += 0.5
    verdict = limits.admit("m", 2_000, 0)
    assert isinstance(verdict, ComeBack)
    assert verdict.at - clock.now == pytest.approx(1_900 * 60 / 6_000 - 0.5, abs=0.01)
    clock.now += 51
    assert isinstance(limits.admit("m", 2_000, 0), Granted)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-ratelimit-limit-tokens": "0", "x-ratelimit-limit-requests": "-5"},
        {"x-ratelimit-limit-tokens": "nan", "x-ratelimit-remaining-tokens": "inf", "x-ratelimit-reset-tokens": "soon"},
        {"x-ratelimit-limit-tokens": "9" * 400, "x-ratelimit-remaining-tokens": "²"},
    ],
)
def test_nonsense_in_headers_changes_nothing(tmp_path, headers):
    limits = limiter(tmp_path / "l.sqlite")
    limits.learn("m", headers)
    assert limits.largest("m") == 6_000
    assert isinstance(limits.admit("m", 6_000, 0), Granted)


def test_retry_after_closes_the_model_for_everybody_and_is_honoured(tmp_path):
    clock = Clock()
    limits = limiter(tmp_path / "l.sqlite", clock=clock)
    limits.refused("m", 20.0, "minute")
    elsewhere = limiter(tmp_path / "l.sqlite", clock=Clock(clock.now))
    assert elsewhere.admit("m", 10, 5) == ComeBack(clock.now + 20, "minute", "the provider said to wait")
    assert isinstance(limits.admit("m", 10, 30), Granted)
    assert clock.now >= 1_000_020


def test_refusals_without_a_time_back_off_longer_each_time_and_at_most_a_minute(tmp_path):
    limits = limiter(tmp_path / "l.sqlite")
    waits = [limits.refused("m", None) - 1_000_000 for _ in range(8)]
    assert waits[:4] == [2, 4, 8, 16] and waits[-1] == 60
    limits.learn("m", {})
    assert limits.refused("m", None) - 1_000_000 == 2


@pytest.mark.parametrize("retry_after", [1e12, float("inf")])
def test_a_provider_cannot_send_us_away_for_longer_than_a_day(tmp_path, retry_after):
    limits = limiter(tmp_path / "l.sqlite")
    limits.refused("m", retry_after, "day")
    verdict = limits.admit("m", 10, 65)
    assert isinstance(verdict, ComeBack) and verdict.period == "day"
    assert verdict.at <= 1_000_000 + DAY


def test_a_clock_that_was_set_back_does_not_hold_calls_for_ever(tmp_path):
    clock = Clock(2_000_000_000.0)
    limits = limiter(tmp_path / "l.sqlite", clock=clock)
    limits.admit("m", 6_000, 0)
    clock.now = 1_000_000.0
    assert isinstance(limits.admit("m", 6_000, 65), Granted)


def test_the_plan_counts_where_nobody_set_a_limit():
    plan = known("openai/gpt-oss-20b").limits
    assert Allowance.of(Settings.load({}), plan).tokens_per_day == plan.tokens_per_day
    assert Allowance.of(Settings.load({}, tokens_per_day=7), plan).tokens_per_day == 7
    assert Allowance.of(Settings.load({})).tokens_per_day == 500_000
