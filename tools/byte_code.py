"""Byte code of what sandboxed programs import: they may only read it, and would compile it anew each time they start."""

import compileall
import functools
from pathlib import Path


@functools.cache
def compiled(components: Path) -> None:
    """Compile lab and probes where that is not done; a folder that cannot be written costs each program a third of a second."""
    for folder in ("lab", "probes"):
        compileall.compile_dir(components / folder, quiet=2)
