"""What a user would pick instead, installed into an environment of the bench's own."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bench.rows import ROOT

PLACE = ROOT / ".cache/bench"
AGENT = ("langchain==1.4.7", "langchain-groq==1.1.3")
"""LangChain's agent over its model for Groq."""
CHARTS = ("matplotlib==3.10.8",)
"""Draws what was measured."""
GRAPH = ("langgraph", "groq", "langgraph-checkpoint-sqlite")
"""The least that a durable mission stands on, in the versions of the lock."""


class NoPeers(Exception):
    """Packages to compare with cannot be installed; says which."""


def environment(name: str, requirements: Iterable[str], *options: str) -> Path:
    """The interpreter of an environment with these packages, made when it is not there.

    Raises:
        NoPeers: they cannot be had; without a network, as a rule.
    """
    folder = PLACE / name
    python = folder / "bin/python"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *options, *requirements]
        if subprocess.run(install, stderr=subprocess.DEVNULL).returncode:
            raise NoPeers(f"its packages of comparison ({name}) cannot be installed; is there a network?")
        (folder / "complete").touch()
    return python


def installed_mb(python: Path) -> float:
    """Megabytes of the packages of an environment, pip and byte code left out."""
    packages = next((python.parent.parent / "lib").glob("python3*/site-packages"))
    files = (file for file in packages.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return sum(file.stat().st_size for file in files if file.relative_to(packages).parts[0].partition("-")[0] != "pip") / 1e6


def versions() -> Path:
    """The versions of the lock, as constraints without hashes."""
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    file = PLACE / "versions.txt"
    PLACE.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(line.split()[0] for line in lines if "==" in line and line[0].isalnum()) + "\n", encoding="utf-8")
    return file
