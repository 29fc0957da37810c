"""A real browser that opens a page and says what became of it."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--virtual-time-budget=3000", "--dump-dom",
)  # fmt: skip


def rendered(page: Path, folder: Path) -> str:
    """The document as it is after all scripts that run have run."""
    profile = tempfile.mkdtemp(prefix="profile-", dir=folder)
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={profile}", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


def title_of(document: str) -> str:
    """The document's title."""
    found = re.search(r"<title>(.*?)</title>", document, re.S)
    return found[1] if found else ""


def tags(document: str) -> str:
    """Everything between `<` and `>`, in lower case."""
    return " ".join(re.findall(r"<[^>]*>", document)).lower()
