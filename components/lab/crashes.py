"""Counts an exception of the target, where none is promised, as a broken claim."""

import contextlib
from collections.abc import Iterator

from components.lab.absence import called_by_us
from components.lab.probe import NotApplicable, Violation


@contextlib.contextmanager
def no_crash(what: str) -> Iterator[None]:
    """Raise `Violation` in place of an exception that comes out of the target's code; one of our own code gets through."""
    try:
        yield
    except (Violation, NotApplicable):
        raise
    except Exception as error:
        if called_by_us(error):
            raise
        raise Violation(f"{what} without an exception", f"{type(error).__name__} raised") from error
