"""Targets for proofs: environments apart from all others, that hold stageflow-core and what it requires, and nothing else."""

import importlib.metadata
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from agent.core.errors import TargetUnavailable
from agent.core.settings import Settings
from agent.core.target import Target, package_fingerprint
from tools.releases import order
from tools.target_environments import MARKER, Progress, environment, environment_name
from tools.targets import INSTALLED, LAB, OLDEST, PACKAGE, VERSION, pinned_version, resolve

FOLDER = "clean"
"""Below `.targets`; nothing but this module makes or uses what is in it."""
REQUIREMENT = re.compile(r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def clean_target(spec: str, settings: Settings, progress: Progress = lambda _: None) -> Target:
    """As `resolve`, in an environment without any foreign package; one that has got some is built again.

    Raises:
        TargetUnavailable: it does not exist, is older than 0.5.0, or cannot be installed.
    """
    if spec != INSTALLED and not VERSION.fullmatch(spec):
        found = resolve(spec, settings, progress)
        wanted = bare(requirements(found.python.parent.parent))
        return replace(found, python=clean_environment(wanted, settings, progress))
    version = pinned_version(settings) if spec == INSTALLED else spec
    if order(version) < OLDEST:
        raise TargetUnavailable(f"stageflow {version} is too old", hint="The oldest that can be tested is 0.5.0.")
    python = clean_environment([f"{PACKAGE}=={version}"], settings, progress)
    package = next(python.parent.parent.glob("lib/python3*/site-packages/stageflow"), None)
    if package is None:
        raise TargetUnavailable(f"stageflow {version} brings no package `stageflow`")
    return Target(spec, version, python, package, None, package_fingerprint(package))


def clean_environment(wanted: list[str], settings: Settings, progress: Progress) -> Path:
    """The interpreter of an environment with `wanted` and what that requires."""
    apart = settings.model_copy(update={"targets": settings.targets / FOLDER})
    release = re.fullmatch(rf"{PACKAGE}==(\S+)", wanted[0]) if len(wanted) == 1 else None
    name = release[1] if release else environment_name(tuple(wanted))
    python = environment(name, tuple(wanted), apart, progress)
    home = python.parent.parent
    if extra := foreign(home):
        progress(f"{name} also holds {', '.join(sorted(extra)[:3])}: building it again")
        (home / MARKER).unlink(missing_ok=True)
        python = environment(name, tuple(wanted), apart, progress)
    return python


def requirements(home: Path) -> list[str]:
    """What the environment was built for."""
    return list(json.loads((home / MARKER).read_text(encoding="utf-8"))["requirements"])


def bare(wanted: Iterable[str]) -> list[str]:
    """Requirements without those of the lab."""
    return [text for text in wanted if not (found := REQUIREMENT.match(text)) or plain(found["name"]) not in LAB]


def plain(name: str) -> str:
    """A distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def foreign(home: Path) -> set[str]:
    """Distributions of the environment that its requirements do not bring in, directly or through others."""
    installed: dict[str, list[str]] = {}
    for folder in home.glob("lib/python3*/site-packages"):
        for found in importlib.metadata.distributions(path=[str(folder)]):
            installed[plain(found.metadata["Name"])] = list(found.requires or ())
    return set(installed) - closure(requirements(home), installed)


def closure(wanted: Iterable[str], installed: dict[str, list[str]]) -> set[str]:
    """Names that `wanted` bring in, as far as they are installed; extras count where they are asked for."""
    reached: set[tuple[str, str]] = set()
    queue = [(text, "") for text in wanted]
    while queue:
        text, extra = queue.pop()
        condition = EXTRA.search(text)
        found = REQUIREMENT.match(text)
        if not found or (condition and plain(condition[1]) != extra):
            continue
        name = plain(found["name"])
        for asked in ("", *(plain(e.strip()) for e in (found["extras"] or "").split(",") if e.strip())):
            if name in installed and (name, asked) not in reached:
                reached.add((name, asked))
                queue += [(inner, asked) for inner in installed[name]]
    return {name for name, _ in reached}
