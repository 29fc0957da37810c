"""Starts a confined command, collects bounded output while it runs, and sees to it that nothing is left behind."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.core.errors import ToolFailed
from tools.sandbox.contract import Job, OnLine, Outcome
from tools.sandbox.family import descendants, wait_for_end
from tools.sandbox.leftovers import tidy
from tools.sandbox.places import BASE_PYTHON
from tools.sandbox.quota import Quota
from tools.sandbox.seccomp import program
from tools.sandbox.text import plain

INSIDE = Path(__file__).parent / "inside"
START_UP_SECONDS = 20.0
"""How long the start may take on top of the job's own limit before it is killed from outside."""
END_SECONDS = 2.0
"""How much longer than its limit a job that has begun may live: its warden is inside, and can be stopped."""
DYING_SECONDS = 2.0
"""How long is waited for the processes of a killed job."""
LOOK_SECONDS = 0.025
"""How often the disk is looked at."""
DRAIN_SECONDS = 0.5
"""How long output is still read after the end of the job, in case a leftover process holds the pipe open."""
FILE_MB = 512
OPEN_FILES = 4096
TOGETHER = 4
"""How many times the memory limit of a process its addresses may span, and all processes of a job may use."""
CHUNK = 1 << 16


def small_python(script: str, orders: dict[str, Any]) -> list[str]:
    """Command of one of the scripts in `inside/`, for a bare interpreter; the next command is appended to it."""
    return [str(BASE_PYTHON), "-I", "-S", str(INSIDE / script), json.dumps(orders)]


FILTER = program().hex()
"""The filter of system calls that every job gets; empty where there is none."""


def limited(job: Job, report: int, *, uid: int = -1, parent: int = 0, together: bool = False) -> list[str]:
    """The job's command behind the script that sets its limits; `together`: also a limit on the memory of all its processes."""
    memory = job.memory_mb << 20
    orders = {
        "report": report,
        "parent": parent,
        "uid": uid,
        "seconds": job.seconds,
        "cpu": int(job.seconds * (os.cpu_count() or 1)) + 2,
        "memory": memory,
        "address": TOGETHER * memory,
        "file": FILE_MB << 20,
        "open": OPEN_FILES,
        "processes": job.processes,
        "together": TOGETHER * memory if together else 0,
        "filter": FILTER,
    }
    return [*small_python("limits.py", orders), *job.argv]


class Kept:
    """The first and the last half of a stream of any length."""

    def __init__(self, capacity: int) -> None:
        self.half = max(1, capacity // 2)
        self.head = bytearray()
        self.tail = bytearray()
        self.dropped = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        room = self.half - len(self.head)
        self.head += chunk[:room]
        self.tail += chunk[max(room, 0) :]
        if len(self.tail) > 2 * self.half:
            self._shorten()

    def _shorten(self) -> None:
        surplus = max(0, len(self.tail) - self.half)
        self.dropped += surplus
        del self.tail[:surplus]

    def value(self) -> bytes:
        """What was kept, with a note where something was left out."""
        self._shorten()
        gap = b"\n[... %d bytes left out ...]\n" % self.dropped if self.dropped else b""
        return bytes(self.head) + gap + bytes(self.tail)


class Lines:
    """Cuts a stream into lines for a listener; an endless line is passed on in pieces."""

    def __init__(self, listener: OnLine | None, longest: int) -> None:
        self.listener = listener
        self.longest = longest
        self.pending = b""

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        if self.listener is None:
            return
        *complete, self.pending = (self.pending + chunk).split(b"\n")
        for line in complete:
            self.listener(line)
        if len(self.pending) > self.longest:
            self.close()

    def close(self) -> None:
        """Pass on what is left."""
        if self.listener is not None and self.pending:
            rest, self.pending = self.pending, b""
            self.listener(rest)


class Supervision:
    """One running job and the pipes to it."""

    def __init__(self, process: subprocess.Popen[bytes], report: int, job: Job, on_line: OnLine | None) -> None:
        assert process.stdin and process.stdout and process.stderr
        self.process, self.report, self.job = process, report, job
        self.out, self.err = Kept(job.output_kib << 10), Kept(job.output_kib << 10)
        self.lines = Lines(on_line, job.output_kib << 10)
        self.account = b""
        self.unsent = memoryview(job.stdin)
        self.pipes = {process.stdout.fileno(): self._stdout, process.stderr.fileno(): self.err.add, report: self._report}
        self.deadline = time.monotonic() + job.seconds + START_UP_SECONDS
        self.quota, self.passed = Quota(job), ""
        self.selector = selectors.DefaultSelector()
        for pipe in self.pipes:
            os.set_blocking(pipe, False)
            self.selector.register(pipe, selectors.EVENT_READ)
        os.set_blocking(process.stdin.fileno(), False)
        self.selector.register(process.stdin.fileno(), selectors.EVENT_WRITE)

    def _stdout(self, chunk: bytes) -> None:
        self.out.add(chunk)
        self.lines.add(chunk)

    def _report(self, chunk: bytes) -> None:
        self.account += chunk

    def collect(self) -> None:
        """Read and write until the job has ended and its output is complete, or the time is over."""
        look = time.monotonic() + LOOK_SECONDS
        while self.pipes and not self.passed and (left := self.deadline - time.monotonic()) > 0:
            for key, _ in self.selector.select(min(left, LOOK_SECONDS)):
                if key.fd in self.pipes:
                    self._read(key.fd)
                else:
                    self._feed(key.fd)
            if time.monotonic() > look:
                self.passed = self.quota.passed(self.process.pid)
                look = time.monotonic() + LOOK_SECONDS
        self.lines.close()

    def _read(self, pipe: int) -> None:
        chunk = os.read(pipe, CHUNK)
        self.pipes[pipe](chunk)
        if not chunk:
            del self.pipes[pipe]
            self.selector.unregister(pipe)
        if pipe == self.report:
            begun = chunk and self.account.count(b"\n") == 1  # otherwise it is over, whoever else may still hold its pipes
            self.deadline = min(self.deadline, time.monotonic() + (self.job.seconds + END_SECONDS if begun else DRAIN_SECONDS))

    def _feed(self, pipe: int) -> None:
        try:
            self.unsent = self.unsent[os.write(pipe, self.unsent[:CHUNK]) :]
        except BrokenPipeError:
            self.unsent = memoryview(b"")
        if not self.unsent:
            self.selector.unregister(pipe)
            assert self.process.stdin
            self.process.stdin.close()

    def end(self) -> None:
        """Kill what is left and release everything."""
        family = set() if b'"exit"' in self.account else descendants(self.process.pid)  # a job that gave its account is over
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_for_end(family, DYING_SECONDS)
        self.selector.close()
        os.close(self.report)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                assert stream
                stream.close()

    def outcome(self) -> Outcome:
        """The result, from the account that the script in the sandbox gave.

        Raises:
            ToolFailed: there is no such account, or it says that the command could not be started, or it was ended for the disk's sake.
        """
        if self.passed:
            raise ToolFailed(f"the job was ended: {self.passed}")
        account: dict[str, Any] = {}
        for line in self.account.splitlines():
            account |= json.loads(line)
        if account.keys() <= {"begun"}:
            last = (plain(self.err.value()).strip().splitlines() or ["no message"])[-1]
            raise ToolFailed(f"the sandbox gave no account of the job: {last}")
        if "error" in account:
            raise ToolFailed(f"cannot start {account['error']}")
        stdout, stderr = self.out.value(), self.err.value()
        return Outcome(
            exit_code=None if account["late"] else account["exit"],
            timed_out=account["late"],
            stdout=stdout,
            stderr=stderr,
            truncated=bool(self.out.dropped or self.err.dropped),
            seconds=account["seconds"],
            peak_memory_kib=account["peak_kib"],
        )


def supervise(command: Callable[[int], list[str]], job: Job, on_line: OnLine | None = None) -> Outcome:
    """Run `command(report descriptor)` for `job` and wait for its end.

    Raises:
        ToolFailed: the job could not be started, or how it ended is not known.
    """
    report, tell = os.pipe()
    try:
        process = subprocess.Popen(
            command(tell),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=job.cwd,
            env=dict(job.env),
            pass_fds=(tell,),
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        os.close(report)
        raise ToolFailed(f"cannot start a sandbox in {job.cwd}: {error}") from error
    finally:
        os.close(tell)
    supervision = Supervision(process, report, job, on_line)
    try:
        supervision.collect()
    finally:
        supervision.end()
        tidy(job.writable)
    return supervision.outcome()
