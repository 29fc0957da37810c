"""Weights from installed packages, joined into one file and checked against the hash that their maker published."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

from agent.core.errors import ModelRefused
from agent.models.catalogue import Weights, catalogue

CHUNK = 1 << 22


def installed() -> tuple[Weights, ...]:
    """The known weights of which every part is there, strongest first."""
    return tuple(weights for weights in catalogue().weights if all(_part(weights, number) for number in range(1, weights.parts + 1)))


def joined(weights: Weights, cache: Path) -> Path:
    """The file with these weights; parts are joined below `cache`. No code of their packages is run.

    Raises:
        ModelRefused: a part is missing, or the hash is not the published one.
    """
    parts = [_part(weights, number) for number in range(1, weights.parts + 1)]
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        raise ModelRefused(f"local: the weights of {weights.name} are not installed", hint=f"Install {weights.requirement}.")
    if len(found) == 1:
        return _checked(found[0], weights)
    target = cache / "weights" / f"{weights.name}-{weights.sha256[:12]}.gguf"
    if not target.exists():
        _join(found, target)
    return _checked(target, weights)


def _part(weights: Weights, number: int) -> Path | None:
    """File of one part; packages are only looked up, never imported."""
    spec = importlib.util.find_spec(weights.packages.format(number))
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).glob(weights.pattern)):
            return path
    return None


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _join(parts: list[Path], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as stream:
        for part in parts:
            for chunk in _chunks(part):
                stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(target)


def _checked(path: Path, weights: Weights) -> Path:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    if digest.hexdigest() != weights.sha256:
        hint = f"Install {weights.requirement} again; a joined copy below the cache may be deleted."
        raise ModelRefused(f"local: the weights of {weights.name} are not the published ones", hint=hint)
    return path
