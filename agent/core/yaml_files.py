"""Mappings from YAML files; what was parsed once is kept as JSON under the hash of the text, which is read many times faster."""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from agent.core.errors import UsageError


def mapping_in(file: Path, cache: Path | None = None) -> dict[str, Any]:
    """The YAML mapping in `file`.

    Raises:
        UsageError: it is not YAML, or not a mapping; names the file.
    """
    text = file.read_bytes()
    kept = cache and cache / "roadmap" / f"{file.parent.name}-{file.stem}.json"
    digest = hashlib.sha256(text).hexdigest()
    if kept and (found := _kept(kept, digest)) is not None:
        return found
    raw = _parsed(file, text)
    if kept:
        with contextlib.suppress(OSError, TypeError):  # without a cache it is only slower; what JSON cannot hold is not kept
            _keep(kept, json.dumps({"sha256": digest, "mapping": raw}, ensure_ascii=False))
    return raw


def _parsed(file: Path, text: bytes) -> dict[str, Any]:
    """The mapping, parsed."""
    import yaml  # only here: what was kept is read without it

    try:
        raw = yaml.load(text.decode("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise UsageError(f"{file.name}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise UsageError(f"{file.name}: the file must hold a mapping")
    return raw


def _kept(kept: Path, digest: str) -> dict[str, Any] | None:
    """What was kept for a text of this hash."""
    try:
        stored = json.loads(kept.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = stored.get("mapping") if isinstance(stored, dict) and stored.get("sha256") == digest else None
    return found if isinstance(found, dict) else None


def _keep(kept: Path, text: str) -> None:
    """Replace what was kept, at once or not at all."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{kept.stem}-", suffix=".tmp", dir=kept.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(kept)
