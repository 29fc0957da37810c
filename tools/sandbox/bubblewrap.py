"""bubblewrap: namespaces of its own and a root that holds only what is granted; the strongest kind."""

import functools
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from agent.core.errors import EnvironmentUnfit
from tools.sandbox.contract import Job, OnLine, Outcome, Protection
from tools.sandbox.places import ETC, LIBRARIES, interpreter_places
from tools.sandbox.rlimits import BOUNDED, EACH_ALONE
from tools.sandbox.supervise import INSIDE, limited, small_python, supervise
from tools.sandbox.trial import try_out

HINT = "Install it with `apt-get install bubblewrap` (or `dnf`, `pacman`, `apk add bubblewrap`) and allow user namespaces."
NOBODY = 65534
FIRST_UID, UIDS = 61184, 4000
"""Users no account has; each job gets another one, because the kernel counts processes per user."""

_turn = itertools.count(os.getpid())


@dataclass(frozen=True)
class Bubblewrap:
    """Jobs in namespaces of their own.

    Attributes:
        program: path of `bwrap`.
        own_user: as root, run jobs as a user of their own; files they write still belong to the caller.
        own_network: a network namespace works here.
        own_proc: a fresh /proc can be mounted here; else there is none.
    """

    program: str
    own_user: bool
    own_network: bool
    own_proc: bool
    name: str = "bubblewrap"

    @property
    def protections(self) -> tuple[Protection, ...]:
        """One entry per kind of harm."""
        counted = self.own_user or os.geteuid() != 0
        where = ", where the file system can map owners" if self.own_user else ""
        note = f"counted apart for each job{where}" if counted else "the kernel does not limit the processes of root"
        return (
            Protection("reads", True, "only the granted paths and the system libraries exist"),
            Protection("writes", True, "only the granted paths; /tmp is its own"),
            Protection("secrets", True, "no process outside is visible"),
            Protection(
                "network",
                self.own_network,
                "network namespace with a loopback interface only" if self.own_network else "it has the agent's network",
            ),
            Protection(
                "sockets",
                self.own_network,
                "only those in granted paths" if self.own_network else "abstract ones of this machine are in reach",
            ),
            Protection("daemons", True, "all its processes end with it"),
            Protection("processes", counted, note),
            Protection("memory", True, "limit on each process, and on all together") if self.own_proc else EACH_ALONE,
            *BOUNDED,
        )

    def run(self, job: Job, on_line: OnLine | None = None) -> Outcome:
        """Run the job to its end; see `Sandbox.run`.

        As root, a job with a writable path on a file system that cannot map owners runs as root without privileges.
        """
        if self.own_user and all(can_map(path) for path in job.writable):
            uid = FIRST_UID + next(_turn) % UIDS
            paths = [str(path) for path, _ in grants(job) if can_map(path)]
            prefix = small_python("owners.py", {"uid": uid, "paths": paths})
        else:
            uid, prefix = -1, []
        return supervise(
            lambda report: [*prefix, *self.command(job, uid), *limited(job, report, uid=uid, together=self.own_proc)], job, on_line
        )

    def command(self, job: Job, uid: int) -> list[str]:
        """The call of bwrap, up to the command."""
        words = [
            self.program,
            "--die-with-parent",
            "--new-session",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
        ]
        words += ["--unshare-net"] if self.own_network else []
        if uid < 0:
            words += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL"]
        else:  # to become that user, who owns everything here; the script that sets the limits loses these by doing so
            words += ["--cap-drop", "ALL"]
            words += itertools.chain.from_iterable(("--cap-add", f"CAP_{name}") for name in ("SETUID", "SETGID", "SETPCAP", "DAC_OVERRIDE"))
        words += [*system(), *self.scratch(job.memory_mb << 20)]
        shown = grants(job)
        for folder in sorted({folder for path, _ in shown for folder in path.parents[:-1]}):
            words += ["--perms", "0755", "--dir", str(folder)]  # made on the way, they would be closed to the job's user
        for path, mode in shown:
            words += [mode, str(path), str(path)]
        return [*words, "--remount-ro", "/", "--chdir", str(job.cwd), "--"]

    def scratch(self, size: int) -> list[str]:
        """Fresh /proc, /dev, /dev/shm and /tmp."""
        shared = ["--perms", "1777", "--size", str(size), "--tmpfs"]
        proc = ["--proc", "/proc"] if self.own_proc else []
        return [*proc, "--dev", "/dev", *shared, "/dev/shm", "--remount-ro", "/dev", *shared, "/tmp"]


def system() -> Iterator[str]:
    """Arguments that show the system libraries, read-only."""
    yield from ("--ro-bind", "/usr", "/usr")
    for path in LIBRARIES:
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))
        elif path.is_dir():
            yield from ("--ro-bind", str(path), str(path))
    for path in ETC:
        yield from ("--ro-bind-try", str(path), str(path))


def grants(job: Job) -> list[tuple[Path, str]]:
    """Every further path that is shown, and how; outer folders come before what lies in them."""
    modes = dict.fromkeys((*interpreter_places(job.executable), INSIDE, job.cwd, *job.readable), "--ro-bind")
    modes |= dict.fromkeys(job.writable, "--bind")
    return sorted(((path, mode) for path, mode in modes.items() if path != Path("/")), key=lambda grant: grant[0].parts)


def can_map(path: Path) -> bool:
    """Whether the file system of `path` lets its owners be mapped."""
    try:
        return not path.is_symlink() and _maps(OnDevice(path.stat().st_dev, str(path)))  # no mount goes on top of a link
    except OSError:
        return False


@dataclass(frozen=True)
class OnDevice:
    """A device, and any path on it to try it out with."""

    device: int
    path: str = field(compare=False)


@functools.cache
def _maps(place: OnDevice) -> bool:
    trial = [*small_python("owners.py", {"uid": FIRST_UID, "paths": [place.path]}), shutil.which("true") or "/bin/true"]
    return subprocess.run(trial, capture_output=True, env={}).returncode == 0


def start() -> Bubblewrap:
    """The strongest form of bubblewrap that works here.

    Raises:
        EnvironmentUnfit: there is no bwrap, or it may not make namespaces.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise EnvironmentUnfit("bubblewrap is not installed (no `bwrap` on the path)", hint=HINT)
    mappable = os.geteuid() == 0 and all(can_map(Path(place)) for place in (tempfile.gettempdir(), __file__))
    users = (True, False) if mappable else (False,)
    forms = (Bubblewrap(program, user, network, proc) for network, proc, user in itertools.product((True, False), (True, False), users))
    return try_out(forms, "bubblewrap", HINT)
