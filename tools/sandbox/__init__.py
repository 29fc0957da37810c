"""Runs untrusted code under the strongest restrictions that this machine offers."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agent.core.errors import EnvironmentUnfit, UsageError
from tools.sandbox import bubblewrap, landlock, rlimits
from tools.sandbox.contract import Danger, Job, OnLine, Outcome, Protection, Sandbox

__all__ = ["KINDS", "Danger", "Job", "OnLine", "Outcome", "Protection", "Sandbox", "Surveyed", "choose", "survey", "weakness"]

KINDS: Mapping[str, Callable[[], Sandbox]] = MappingProxyType(
    {"bubblewrap": bubblewrap.start, "landlock": landlock.start, "rlimits": rlimits.start}
)
"""Every kind of sandbox, strongest first, and how to start it."""


@dataclass(frozen=True)
class Surveyed:
    """One kind of sandbox on this machine.

    Attributes:
        name: the kind.
        works: a trial job ran in it.
        reason: why it does not work; empty when it does.
        hint: what to do about that.
        protections: what it stops; empty when it does not work.
    """

    name: str
    works: bool
    reason: str
    hint: str
    protections: tuple[Protection, ...]


@functools.cache
def _started(name: str) -> Sandbox | EnvironmentUnfit:
    try:
        return KINDS[name]()
    except EnvironmentUnfit as unfit:
        return unfit


def choose(name: str) -> Sandbox:
    """The sandbox of that name, or for `auto` the strongest that works; tried out once per process.

    Raises:
        UsageError: there is no such kind.
        EnvironmentUnfit: it does not work here.
    """
    if name != "auto" and name not in KINDS:
        raise UsageError(f"there is no sandbox {name!r}", hint=f"Known are: auto, {', '.join(KINDS)}.")
    refusals = []
    for kind in KINDS if name == "auto" else (name,):
        found = _started(kind)
        if not isinstance(found, EnvironmentUnfit):
            return found
        refusals.append(found)
    raise refusals[0]


def weakness(sandbox: Sandbox) -> str:
    """What a sandbox does not stop here, in one phrase; empty for one that stops everything there is a protection for."""
    left_open = [protection.against for protection in sandbox.protections if not protection.active]
    return f"{sandbox.name} does not stop: {', '.join(left_open)}" if left_open else ""


def survey() -> list[Surveyed]:
    """Every kind, strongest first, with what it stops here or why it does not work."""
    rows = []
    for name in KINDS:
        found = _started(name)
        if isinstance(found, EnvironmentUnfit):
            rows.append(Surveyed(name, False, str(found), found.hint, ()))
        else:
            rows.append(Surveyed(name, True, "", "", found.protections))
    return rows
