"""Ways into the next interpreter: what Python, pytest or a shell load by themselves when they start."""

import contextlib
import os
import py_compile
import sys
from pathlib import Path

from .attack import At, attack, got, write

HOSTILE = "print('hostile code ran')\n"


def everywhere(at: At, name: str, text: str = HOSTILE) -> None:
    """Leave a file in every folder that a later process might look into."""
    home = Path(at["scratch"])
    folders = (
        ".", "results", "results/metrics", "results/logs", "pipelines", "tests", at["packages"], os.path.dirname(at["folder"]), home,
        home / ".local/lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages", at["mine"],
    )  # fmt: skip
    for folder in map(Path, folders):
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / name, text)


@attack("start-up files", again=True)
def site_customize(at: At) -> None:
    everywhere(at, "sitecustomize.py")


@attack("start-up files", again=True)
def user_customize(at: At) -> None:
    everywhere(at, "usercustomize.py")


@attack("start-up files", again=True)
def path_file(at: At) -> None:
    everywhere(at, "hostile.pth", f"import sys; {HOSTILE}")


@attack("start-up files", again=True)
def conftest(at: At) -> None:
    everywhere(at, "conftest.py")
    everywhere(at, "pytest.ini", "[pytest]\naddopts = -p hostile\n")
    everywhere(at, "hostile.py")


@attack("start-up files", again=True)
def standard_module_shadowed(at: At) -> None:
    for name in ("json", "os", "random", "asyncio", "stageflow", "encodings"):
        everywhere(at, f"{name}.py")


@attack("start-up files", again=True)
def cache_poisoned(at: At) -> None:
    """Byte code that claims to be of the granted package, which the next run imports."""
    source = Path(at["packages"]) / "granted" / "__init__.py"
    hostile = Path("results/hostile.py")
    hostile.write_text(HOSTILE)
    made = Path(
        py_compile.compile(str(hostile), cfile="results/hostile.pyc", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH) or ""
    )
    for target in (source, Path("pipelines/own_helper.py")):
        cache = target.parent / "__pycache__" / f"{target.stem}.{sys.implementation.cache_tag}.pyc"
        with contextlib.suppress(OSError):
            cache.parent.mkdir(exist_ok=True)
            cache.write_bytes(made.read_bytes())


@attack("start-up files", again=True)
def package_changed(at: At) -> None:
    with (Path(at["packages"]) / "granted" / "__init__.py").open("a") as stream:
        stream.write(HOSTILE)


@attack("start-up files", again=True)
def python_variables(at: At) -> None:
    """For whoever takes them over; the next interpreter's environment is not this one's."""
    hostile = Path("results/start.py").absolute()
    hostile.write_text(HOSTILE)
    os.environ.update(PYTHONSTARTUP=str(hostile), PYTHONPATH=str(hostile.parent), PYTHONBREAKPOINT="start.main", PYTHONINSPECT="1")
    os.putenv("LD_PRELOAD", str(hostile))
    everywhere(at, "pyvenv.cfg", f"home = {hostile.parent}\n")
    everywhere(at, ".pythonrc.py")


@attack("start-up files")
def interpreter_itself(at: At) -> None:
    """Opens what every later interpreter runs, without writing a byte."""
    import site

    places = [os.__file__, os.__cached__, sys.executable, *(os.path.join(p, "hostile.pth") for p in site.getsitepackages())]
    for path in places:
        with contextlib.suppress(OSError):
            os.close(os.open(path, os.O_RDWR))
            got(f"{path} can be changed")
        if os.access(os.path.dirname(path), os.W_OK) and not os.path.exists(path):
            got(f"{os.path.dirname(path)} can be written")


@attack("start-up files")
def agents_environment(at: At) -> None:
    """Variables that are set for the agent must not steer the job's interpreter."""
    for name in ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "LD_PRELOAD", "LD_LIBRARY_PATH"):
        if at["unique"] in os.environ.get(name, ""):
            got(f"{name} came in")


@attack("start-up files")
def shell_files(at: At) -> None:
    for name in (".bashrc", ".profile", ".gitconfig", ".ssh/authorized_keys"):
        with contextlib.suppress(OSError):
            write(Path(at["home"]) / name)
