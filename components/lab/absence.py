"""Tells an API that the target does not have from a failure of ours."""

import contextlib
import re
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from components.lab.probe import NotApplicable, need

REFUSED_CALL = re.compile(r"([\w.]+)\(\) (got an unexpected keyword|missing \d+ required|takes (no|from|\d+)) ")
"""What Python says about arguments that do not fit a function's parameters."""
NO_SUCH_FIELD = re.compile(r"'(\w+)' object has no attribute ")
"""What it says about setting an attribute that is not there; it does not tell the object then."""


def called_by_us(error: BaseException) -> bool:
    """Whether our own code, or the standard library called by it, raised this, and not the target."""
    package, library = str(Path(need("stageflow").__file__).parent), sysconfig.get_path("stdlib")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(package):
            return False
        if not frame.filename.startswith(("<", library)) and "site-packages" not in frame.filename:
            return True
    return True


def of_target(name: str | None) -> bool:
    """Whether a dotted module name belongs to the target."""
    return str(name).partition(".")[0] == "stageflow"


def defined_by_target(qualified: str) -> bool:
    """Whether the target has a function or class of this qualified name, as error messages name it."""
    loaded = [module for name, module in list(sys.modules.items()) if of_target(name)]
    return any(of_target(getattr(attribute(module, qualified), "__module__", "")) for module in loaded)


def attribute(thing: object, dotted: str) -> object:
    """What a dotted path leads to from `thing`; None when it leads nowhere."""
    for part in dotted.split("."):
        thing = getattr(thing, part, None)
    return thing


def missing_api(error: BaseException | None) -> str:
    """What the target lacks, when it is for that reason that our code failed; "" otherwise."""
    if isinstance(error, NotApplicable):
        return str(error)
    if error is None or not called_by_us(error):
        return ""
    match error:
        case AttributeError(obj=None):
            kind = NO_SUCH_FIELD.match(str(error))
            lacking = kind is not None and defined_by_target(kind[1])
        case AttributeError():
            thing = error.obj
            owner = thing.__name__ if isinstance(thing, ModuleType) else (thing if isinstance(thing, type) else type(thing)).__module__
            lacking = of_target(owner)
        case ImportError():
            lacking = of_target(error.name)
        case TypeError():
            call = REFUSED_CALL.match(str(error))
            lacking = call is not None and defined_by_target(call[1])
        case _:
            lacking = False
    return str(error).partition(" (")[0] if lacking else ""  # without the path of the file


@contextlib.contextmanager
def absence_told() -> Iterator[None]:
    """Raise `NotApplicable` in place of an error that comes of an API the target does not have."""
    try:
        yield
    except Exception as error:
        if missing := missing_api(error):
            raise NotApplicable(missing) from error
        raise
