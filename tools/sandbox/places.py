"""Which files every job may read: the system libraries and the interpreter it is run by."""

import sys
from collections.abc import Iterator
from pathlib import Path

BASE_PYTHON = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
"""The interpreter behind the agent's virtual environment."""

LIBRARIES = (Path("/bin"), Path("/sbin"), Path("/lib"), Path("/lib32"), Path("/lib64"), Path("/libx32"))
"""Top-level folders of programs and libraries beside /usr; links into /usr on most systems."""

ETC = tuple(
    Path("/etc") / name
    for name in (
        "alternatives",
        "hosts",
        "ld.so.cache",
        "ld.so.conf",
        "ld.so.conf.d",
        "localtime",
        "mime.types",
        "nsswitch.conf",
        "protocols",
        "services",
    )
)
"""The few files of /etc that the C library and Python consult and that hold nothing private."""


def interpreter_places(executable: Path) -> tuple[Path, ...]:
    """What must be readable to start `executable`: its environment, its installation, and the links between them."""
    found = {place for hop in hops(executable) for place in (installation(hop),) if not place.is_relative_to("/usr")}
    return tuple(sorted(found | ({installation(BASE_PYTHON)} if not BASE_PYTHON.is_relative_to("/usr") else set())))


def hops(path: Path) -> Iterator[Path]:
    """`path` and every link on the way to the real file, as the links spell it."""
    for _ in range(40):
        yield path
        if not path.is_symlink():
            return
        target = path.readlink()
        path = target if target.is_absolute() else path.parent / target


def installation(executable: Path) -> Path:
    """The folder of the Python installation or virtual environment of `executable`; the file itself when there is none."""
    prefix = executable.parent.parent
    is_python = (prefix / "pyvenv.cfg").is_file() or any(prefix.glob("lib/python3*/os.py"))
    return prefix if is_python and prefix != Path("/") else executable
