"""A clean Debian in a folder, and the way into it: a mount namespace of its own with that folder as its root."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.rows import ROOT

SUITE = "bookworm"
"""Debian 12: Python 3.11, the oldest that will do."""
HAS = "python3,python3-venv,python3-pip,make,git,ca-certificates"
"""What the README asks for, and git for the checkout."""
HOME = "/srv/newcomer"
PROJECT = f"{HOME}/stageflow-agent"
PIP = ".config/pip/pip.conf"
NETWORK = {file: file for file in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")} | {str(Path.home() / PIP): f"{HOME}/{PIP}"}
"""How this machine reaches a package index, and where that is in the place; nothing else of it is there."""
SHARED = ("/etc/ssl/certs", "/opt")
"""The same, as folders."""
ENTER = """\
mount --make-rprivate / && mount --rbind {root} {root} && cd {root} && mkdir -p .outside
mount -t proc proc proc && mount --rbind /dev dev && mount --rbind /sys sys && mount -t tmpfs tmpfs tmp
{shared}
pivot_root . .outside && umount -l /.outside && exec {command}
"""


def made(root: Path, say: Callable[[str], None]) -> None:
    """Make the place when there is none, and a clone of this checkout in it."""
    if not (root / "usr").exists():
        if not shutil.which("debootstrap"):
            raise SystemExit("error: debootstrap is missing\n  Install it: apt-get install debootstrap")
        say(f"debootstrap into {root} (a minute or three)")
        subprocess.run(["debootstrap", "--variant=minbase", f"--include={HAS}", SUITE, str(root)], check=True, stdout=subprocess.DEVNULL)
    for name, inside in NETWORK.items():
        if (file := Path(name)).exists():
            copy = root / inside.removeprefix("/")
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.unlink(missing_ok=True)
            shutil.copy(file, copy)
    if not (clone := root / PROJECT.removeprefix("/")).exists():
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)


def entered(root: Path, command: Sequence[str]) -> list[str]:
    """The command line that runs a command in the place, with an environment of its own."""
    kept = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy") or name.startswith("PIP_")}
    env = {
        "HOME": HOME,
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
    } | kept
    inside = ["env", "-i", *(f"{name}={value}" for name, value in env.items()), *command]
    shared = "\n".join(f"mkdir -p .{path} && mount --rbind {path} .{path}" for path in SHARED if Path(path).exists())
    script = ENTER.format(root=shlex.quote(str(root.resolve())), shared=shared, command=shlex.join(inside))
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script]
