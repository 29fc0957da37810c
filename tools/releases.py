"""Which releases of stageflow-core are published: asked of the package index once a day, remembered for when there is none."""

import datetime as dt
import json
import re
import subprocess
import sys
from dataclasses import dataclass

from agent.core.files import write_json
from agent.core.settings import Settings, without_keys
from tools.targets import OLDEST, PACKAGE

FRESH = dt.timedelta(days=1)
ANSWER_SECONDS = 60.0
RELEASE = re.compile(r"\d+(\.\d+)+(\.post\d+)?")
"""Final releases; what comes before them is not published for use."""


@dataclass(frozen=True)
class Releases:
    """What is known of the published releases.

    Attributes:
        versions: from 0.5.0 on, oldest first.
        note: why the list may be short or old; empty when the index has just been asked, or was today.
    """

    versions: tuple[str, ...]
    note: str


def order(version: str) -> tuple[int, ...]:
    """Sorts versions as the index does."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def published(settings: Settings) -> Releases:
    """The releases as the index, else the last answer of the index, else the environments on this machine know them."""
    file = settings.cache / "releases.json"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(known["asked"])
        remembered = usable(known["versions"])
    except (OSError, ValueError, KeyError, TypeError):
        known, age, remembered = {}, FRESH, ()
    if remembered and age < FRESH:
        return Releases(remembered, "")
    versions, problem = asked_of_index(settings)
    if versions:
        write_json(file, {"asked": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "versions": versions})
        return Releases(usable(versions), "")
    if remembered:
        return Releases(remembered, f"the package index does not answer ({problem}); this is its list of {known['asked'][:10]}")
    return Releases(built(settings), f"the package index does not answer ({problem}); these are the releases installed on this machine")


def asked_of_index(settings: Settings) -> tuple[list[str], str]:
    """(versions, "") as pip finds them where the user set it up to look, or ([], why not)."""
    command = [sys.executable, "-m", "pip", "index", "versions", PACKAGE, "--disable-pip-version-check", "--retries", "1"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_SECONDS, cwd=settings.project, env=without_keys())
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], type(error).__name__
    found = re.search(r"^Available versions: (.+)$", done.stdout, re.MULTILINE)
    if done.returncode or not found:
        lines = [line for line in done.stderr.strip().splitlines() if line.startswith("ERROR")] or ["no answer"]
        return [], lines[-1].removeprefix("ERROR: ").strip()
    return [version.strip() for version in found[1].split(",")], ""


def usable(versions: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Final releases that are not too old, oldest first."""
    return tuple(sorted({v for v in versions if RELEASE.fullmatch(v) and order(v) >= OLDEST}, key=order))


def built(settings: Settings) -> tuple[str, ...]:
    """Releases that have an environment here."""
    markers = [*settings.targets.glob("*/ready.json"), *settings.targets.glob("clean/*/ready.json")]
    return usable([marker.parent.name for marker in markers])
