"""Brings the documentation of a stageflow release into the project, from the source distribution of that release."""

import datetime as dt
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from agent.core.errors import ToolFailed
from agent.core.files import sync_folder, write_json
from agent.core.settings import Settings, without_keys
from tools.target_environments import Progress, locked

PROVENANCE = "PROVENANCE.json"
DOWNLOAD_SECONDS = 120.0
MOST_BYTES = 64 << 20
"""Sum of the documentation files of an archive; more is refused."""


def sync_docs(version: str, settings: Settings, progress: Progress = lambda _: None) -> Path:
    """The folder `upstream/<version>/` with the release's `docs/` and README.md; fetched unless it is there unchanged.

    Raises:
        ToolFailed: it cannot be fetched, or the archive is not to be trusted.
    """
    upstream = settings.docs / "upstream"
    folder = upstream / version
    try:
        with locked(upstream / f".{version}.lock"):
            if not unchanged(folder):
                _fetch(version, folder, settings, progress)
    except OSError as error:
        raise ToolFailed(f"cannot write the documentation to {folder}: {error}") from error
    return folder


def unchanged(folder: Path) -> bool:
    """Whether every file that the provenance of `folder` lists is there with the recorded content."""
    try:
        listed = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["files"]
        return bool(listed) and all(_sha256((folder / name).read_bytes()) == digest for name, digest in listed.items())
    except (OSError, ValueError, KeyError):
        return False


def _fetch(version: str, folder: Path, settings: Settings, progress: Progress) -> None:
    for leftover in folder.parent.glob(f".{version}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    working = Path(tempfile.mkdtemp(prefix=f".{version}.new-", dir=folder.parent))
    try:
        progress(f"downloading the documentation of stageflow {version}")
        archive = _download(version, working / "sdist", settings)
        new = working / "new"
        files = unpack(archive, new)
        record = {
            "file": archive.name,
            "sha256": _sha256(archive.read_bytes()),
            "version": version,
            "fetched": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "files": files,
        }
        write_json(new / PROVENANCE, record)
        if folder.exists():
            folder.replace(working / "old")
        new.replace(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _download(version: str, folder: Path, settings: Settings) -> Path:
    """Fetch the source distribution with the agent's own pip, which finds the package index as the user set it up."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        f"stageflow-core=={version}",
        "--no-deps",
        "--no-binary",
        "stageflow-core",
        "--dest",
        str(folder),
    ]
    options = [
        "--retries",
        "1",
        "--timeout",
        "15",
        "--cache-dir",
        str(settings.cache / "pip"),
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    try:
        answer = subprocess.run(
            [*command, *options], capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, cwd=settings.project, env=without_keys()
        )
    except subprocess.TimeoutExpired as late:
        raise ToolFailed(f"no documentation of stageflow {version} within {DOWNLOAD_SECONDS:.0f} s", hint="Check the network.") from late
    archives = sorted(folder.glob("*.tar.gz"))
    if answer.returncode or not archives:
        errors = [line for line in answer.stderr.splitlines() if line.startswith("ERROR")] or ["pip gave no source distribution"]
        raise ToolFailed(f"cannot download the documentation of stageflow {version}: {errors[-1]}", hint="It needs the package index once.")
    return archives[0]


def unpack(archive: Path, folder: Path) -> dict[str, str]:
    """Write the documentation files of a source distribution below `folder`; returns their SHA-256 by relative path.

    Raises:
        ToolFailed: the archive is damaged, has no documentation, names a path outside, or is far too large.
    """
    digests: dict[str, str] = {}
    total = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                path = documentation_path(member.name)
                if path is None or not member.isreg():
                    continue
                total += member.size
                source = tar.extractfile(member)
                if total > MOST_BYTES or source is None:
                    raise ToolFailed(f"{archive.name} holds more than {MOST_BYTES >> 20} MB of documentation")
                raw = source.read()
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(raw)
                digests[path.as_posix()] = _sha256(raw)
    except (tarfile.TarError, EOFError) as error:
        raise ToolFailed(f"{archive.name} is damaged: {error}") from error
    if not any(name.startswith("docs/") for name in digests):
        raise ToolFailed(f"{archive.name} holds no docs/")
    return dict(sorted(digests.items()))


def documentation_path(name: str) -> PurePosixPath | None:
    """Where a member of the archive belongs, without the archive's top folder; None when it is not documentation.

    Raises:
        ToolFailed: the name would lead out of the folder.
    """
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or "\\" in name:
        raise ToolFailed(f"the archive names a path outside of itself: {name!r}")
    inner = PurePosixPath(*path.parts[1:])
    return inner if (inner.parts[:1] == ("docs",) and len(inner.parts) > 1) or inner == PurePosixPath("README.md") else None


def _sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
