"""Landlock: the kernel refuses file access outside of the granted paths; with a network namespace where one can be had."""

import os
import subprocess
from dataclasses import dataclass

from agent.core.errors import EnvironmentUnfit
from tools.sandbox.contract import Job, OnLine, Outcome, Protection
from tools.sandbox.places import BASE_PYTHON, ETC, LIBRARIES, interpreter_places
from tools.sandbox.rlimits import BOUNDED, EACH_ALONE, counted_processes
from tools.sandbox.supervise import INSIDE, limited, small_python, supervise
from tools.sandbox.trial import try_out

HINT = "It needs Linux 5.13 or newer with `landlock` among the active security modules."
DEVICES_READ = ("/dev/urandom", "/dev/random")
DEVICES_WRITE = ("/dev/null", "/dev/zero", "/dev/full")


@dataclass(frozen=True)
class Landlock:
    """Jobs whose file access the kernel filters.

    Attributes:
        abi: version of Landlock.
        own_network: a network namespace works here.
    """

    abi: int
    own_network: bool
    name: str = "landlock"

    @property
    def protections(self) -> tuple[Protection, ...]:
        """One entry per kind of harm."""
        shared = "TCP is refused, UDP is not" if self.abi >= 4 else "it has the agent's network"
        return (
            Protection("reads", True, "only the granted paths, the system libraries and /proc"),
            Protection("writes", True, "only the granted paths; modes and times of files elsewhere are not governed"),
            Protection("secrets", True, "the kernel refuses a look into processes outside; their command lines can be read"),
            Protection("network", self.own_network, "network namespace with a loopback interface only" if self.own_network else shared),
            Protection("sockets", False, "Landlock does not govern sockets that are reached by their path"),
            Protection("daemons", False, "a process that leaves the process group lives on, as confined as the job"),
            counted_processes(),
            EACH_ALONE,
            *BOUNDED,
        )

    def run(self, job: Job, on_line: OnLine | None = None) -> Outcome:
        """Run the job to its end; see `Sandbox.run`."""
        read = [*interpreter_places(job.executable), *LIBRARIES, *ETC, INSIDE, job.cwd, *job.readable, "/usr", "/proc", *DEVICES_READ]
        orders = {
            "read": [str(path) for path in read if str(path) != "/"],
            "write": [*(str(path) for path in job.writable), *DEVICES_WRITE],
            "list": [str(path) for path in job.listable],
            "network": self.own_network,
        }
        return supervise(lambda report: [*small_python("landlock.py", orders), *limited(job, report, parent=os.getpid())], job, on_line)


def start() -> Landlock:
    """The strongest form of Landlock that works here.

    Raises:
        EnvironmentUnfit: this kernel has none.
    """
    answer = subprocess.run([BASE_PYTHON, "-I", "-S", INSIDE / "landlock.py"], capture_output=True, text=True, env={})
    if answer.returncode:
        raise EnvironmentUnfit(answer.stderr.strip() or "Landlock does not answer", hint=HINT)
    forms = [Landlock(int(answer.stdout), own_network) for own_network in (True, False)]
    return try_out(forms, "landlock", HINT)
