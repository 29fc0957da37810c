"""Values that cost a second to work out and follow from files alone: kept in the cache folder under the hash of what they follow from."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from agent.core.files import write_atomic


def key_of(*words: str, files: Iterable[Path] = ()) -> str:
    """Identifies what a value follows from: words, and the names and contents of files."""
    digest = hashlib.sha256("\0".join(words).encode())
    for file in files:
        digest.update(f"\0{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]


def remembered(folder: Path, key: str, make: Callable[[], Any], whole: Callable[[Any], bool] = lambda value: True) -> Any:
    """The JSON value of that key; made when the cache has none that can be read, and kept when it is `whole`."""
    file = folder / f"{key}.json"
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_bytes())
    value = make()
    if not whole(value):
        return value
    with contextlib.suppress(OSError):  # a cache that cannot be written costs a second next time, nothing else
        write_atomic(file, json.dumps(value))
    return value
