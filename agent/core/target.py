"""The stageflow under test, as a value: where its interpreter and its package are."""

import hashlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Target:
    """One stageflow, isolated from the agent's own environment.

    Attributes:
        label: what the user asked for: a version or a path.
        version: the version it reports, or the release its dependencies were taken from for a bare copy.
        python: its interpreter.
        package: the folder `stageflow/` that will be imported.
        search_path: what goes in front of the interpreter's path; None when the package is installed in the environment.
        fingerprint: hash of all its Python files.
    """

    label: str
    version: str
    python: Path
    package: Path
    search_path: Path | None
    fingerprint: str


def package_fingerprint(package: Path) -> str:
    """SHA-256 over names and contents of all Python files of `package`, 16 hex digits."""
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        digest.update(file.relative_to(package).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
