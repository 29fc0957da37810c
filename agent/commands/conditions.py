"""Under which conditions a mission runs: what decides what it does, and the machine that it runs on."""

import contextlib
import hashlib
import importlib.metadata
import platform
import sys
from pathlib import Path
from typing import Any

from agent.core.roadmap import Entry
from agent.core.settings import Settings
from agent.core.target import Target
from tools.sandbox import choose, weakness


def identity(entry: Entry, target: Target, settings: Settings) -> dict[str, str]:
    """Hashes of everything that decides what a mission does."""
    hashes = code_hashes(settings)
    return {
        "code": hashes["code"],
        "prompts": hashes["prompts"],
        "target": target.fingerprint,
        "entry": hashlib.sha256(entry.model_dump_json().encode()).hexdigest()[:16],
        "model": " ".join([*settings.providers, settings.model]) if settings.providers else "none",
    }


def code_hashes(settings: Settings) -> dict[str, str]:
    """Hashes of the program, its prompts and the roadmap."""

    def over(folders: tuple[str, ...], *kinds: str) -> str:
        digest = hashlib.sha256()
        for path in sorted(p for folder in folders for p in (settings.project / folder).rglob("*") if p.suffix in kinds):
            digest.update(path.relative_to(settings.project).as_posix().encode() + path.read_bytes())
        return digest.hexdigest()[:16]

    return {
        "code": over(("agent", "tools", "components"), ".py", ".j2"),
        "prompts": over(("prompts",), ".md", ".j2"),
        "roadmap": over(("docs/roadmap",), ".yaml"),
    }


def environment(settings: Settings) -> dict[str, Any]:
    """The machine, as far as a reader of measurements needs it."""
    sandbox = choose(settings.sandbox)
    protections = [f"{p.against}: {'yes' if p.active else 'no'} ({p.note})" for p in sandbox.protections]
    packages = ("stageflow-core", "langgraph", "langgraph-checkpoint-sqlite", "pydantic")
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processor": cpu_model(),
        "cores": settings.jobs,
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "sandbox": {"name": sandbox.name, "protections": protections, "weakness": weakness_told(settings)},
    }


def weakness_told(settings: Settings) -> str:
    """What the sandbox leaves open, and what follows from that; empty when it leaves nothing open."""
    found = weakness(choose(settings.sandbox))
    doing = "is run all the same (--allow-weak-sandbox)" if settings.allow_weak_sandbox else "is not run"
    return found and f"weak sandbox: {found}; code that a model writes {doing}"


def cpu_model() -> str:
    """Model name of the processor, as the kernel tells it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
