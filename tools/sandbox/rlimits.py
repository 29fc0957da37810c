"""The weakest kind: a clean environment, resource limits, and a kill of the process group. It hides and forbids nothing."""

import os
from dataclasses import dataclass

from tools.sandbox.contract import Job, OnLine, Outcome, Protection
from tools.sandbox.supervise import FILTER, limited, supervise

BOUNDED = (
    Protection("time", True, "wall clock and processor time"),
    Protection("output", True, "bounded while it is read"),
    Protection("disk", True, "files up to 512 MB each; ended when it writes more than it may, or when the disk is nearly full"),
    Protection("kernel", bool(FILTER), "filter of system calls" if FILTER else "no filter of system calls for this kernel or processor"),
    Protection("leftovers", True, "links that lead out, pipes, devices, set-uid bits and names that are no text are taken away"),
)
"""What the limits alone stop, in every kind of sandbox."""
EACH_ALONE = Protection("memory", False, "limit on each process, not on all together")


def counted_processes() -> Protection:
    """Whether the limit on processes counts when jobs run as the agent's own user."""
    if os.geteuid() == 0:
        return Protection("processes", False, "the kernel does not limit the processes of root")
    return Protection("processes", True, "limit on top of what this user runs already")


@dataclass(frozen=True)
class Rlimits:
    """Jobs with limits and a clean environment, and nothing else."""

    name: str = "rlimits"

    @property
    def protections(self) -> tuple[Protection, ...]:
        """One entry per kind of harm."""
        return (
            Protection("reads", False, "it reads what the agent's user may read"),
            Protection("writes", False, "it writes what the agent's user may write"),
            Protection("secrets", False, "its own environment is clean, but it can read that of other processes of this user"),
            Protection("network", False, "it has the agent's network"),
            Protection("sockets", False, "it reaches every socket the agent's user may use"),
            Protection("daemons", False, "a process that leaves the process group lives on"),
            counted_processes(),
            EACH_ALONE,
            *BOUNDED,
        )

    def run(self, job: Job, on_line: OnLine | None = None) -> Outcome:
        """Run the job to its end; see `Sandbox.run`."""
        return supervise(lambda report: limited(job, report, parent=os.getpid()), job, on_line)


def start() -> Rlimits:
    """This kind needs nothing of the machine."""
    return Rlimits()
