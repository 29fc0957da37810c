"""What a sandbox is asked to run, what comes back, and what a sandbox can promise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

OnLine = Callable[[bytes], None]

Danger = Literal[
    "reads", "writes", "secrets", "network", "sockets", "daemons", "processes", "memory", "time", "output", "disk", "kernel", "leftovers"
]


@dataclass(frozen=True)
class Protection:
    """Whether a sandbox stops one kind of harm.

    Attributes:
        against: `reads` and `writes` outside of the granted paths, `secrets` in the environment of other processes, the
            `network` by TCP and UDP, unix `sockets` of this machine, `daemons` that outlive the job, too many `processes`,
            too much `memory`, too much `time`, too much `output`, too much of the `disk`, parts of the `kernel` that no probe needs,
            `leftovers` that harm whoever reads or deletes them.
        active: it is stopped here, on this machine.
        note: how, or why not.
    """

    against: Danger
    active: bool
    note: str


@dataclass(frozen=True)
class Job:
    """One command to run under restrictions.

    Attributes:
        argv: command and arguments; the command is an absolute path.
        cwd: working folder; readable.
        writable: files and folders it may change; they must exist.
        readable: further files and folders it may read; its interpreter and the system libraries are always readable.
        listable: folders whose entries it may list without reading them, so that Python finds a granted package there.
        env: its whole environment; nothing is inherited.
        seconds: wall-clock limit.
        memory_mb: limit of each process on private writable memory.
        processes: how many processes and threads may exist at once.
        disk_mb: how much it may write to the disk in all.
        files: how many files and folders it may make.
        output_kib: how much of standard output, and of standard error, is kept: the first and the last half.
        stdin: what it reads from standard input.
    """

    argv: list[str]
    cwd: Path
    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    listable: tuple[Path, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0
    memory_mb: int = 1024
    processes: int = 256
    disk_mb: int = 2048
    files: int = 50_000
    output_kib: int = 1024
    stdin: bytes = b""

    @property
    def executable(self) -> Path:
        """The command."""
        return Path(self.argv[0])


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Attributes:
        exit_code: what the command returned, minus the signal number when it died of a signal; None when the sandbox killed it.
        timed_out: it was killed because it ran over its seconds.
        stdout: what was kept of standard output.
        stderr: what was kept of standard error.
        truncated: some output was left out.
        seconds: wall-clock time of the command, start-up of the sandbox excluded.
        peak_memory_kib: largest resident size among the command and the children it waited for; 0 when it could not be read.
    """

    exit_code: int | None
    timed_out: bool
    stdout: bytes
    stderr: bytes
    truncated: bool
    seconds: float
    peak_memory_kib: int


class Sandbox(Protocol):
    """A way to run untrusted code."""

    @property
    def name(self) -> str:
        """Short name, as in the settings."""

    @property
    def protections(self) -> tuple[Protection, ...]:
        """One entry per kind of harm."""

    def run(self, job: Job, on_line: OnLine | None = None) -> Outcome:
        """Run the job to its end; `on_line` sees each line of standard output as it comes.

        Raises:
            ToolFailed: the job could not be started, or how it ended is not known.
        """
