"""`python -m agent doctor`: what works on this machine, which protections are active, and whether a mission can run."""

import importlib.metadata
import json
import re
import shutil
import socket
import sys
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.core.errors import AgentError
from agent.core.settings import Settings
from agent.reporting.screen import Screen
from tools.doc_sections import own_files
from tools.sandbox import Surveyed, choose, survey, weakness
from tools.target_environments import uv
from tools.targets import INSTALLED, pinned_version, resolve

OLDEST_PYTHON = (3, 11)
NETWORK_SECONDS = 3.0
SEARCH_HOST = ("duckduckgo.com", 443)
LOW_DISK_MB = 500
UNFIT = 4

Facts = dict[str, Any]


def doctor(settings: Settings, as_json: bool) -> int:
    """Print what was found; 0 when a mission can run, else 4."""
    facts = examine(settings)
    if as_json:
        sys.stdout.write(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    else:
        show(facts, Screen())
    return 0 if facts["ready"] else UNFIT


def examine(settings: Settings) -> Facts:
    """Everything that matters for a mission; `problems` holds what stops one, one sentence each."""
    network: Facts = {}
    asked = time.monotonic()
    asking = [threading.Thread(target=ask, args=(network, settings), daemon=True) for ask in (_ask_search, _ask_index)]
    for thread in asking:
        thread.start()
    facts: Facts = {
        "python": {"version": ".".join(map(str, sys.version_info[:3])), "executable": sys.executable},
        "packages": packages(settings),
        "sandbox": sandboxes(settings),
        "target": target(settings),
        "docs": docs(settings),
        "runs": {"folder": str(settings.runs), "writable": writable(settings.runs)},
        "free_disk_mb": shutil.disk_usage(settings.project).free >> 20,
    }
    for thread in asking:
        thread.join(max(0.0, asked + NETWORK_SECONDS - time.monotonic()))
    facts["network"] = {name: network.get(name, f"no answer within {NETWORK_SECONDS:.0f} s") for name in ("web search", "package index")}
    facts["problems"] = problems(facts)
    facts["ready"] = not facts["problems"]
    return facts


def packages(settings: Settings) -> dict[str, str | None]:
    """Version of each package the project requires; None when it is missing."""
    required = tomllib.loads((settings.project / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    found: dict[str, str | None] = {}
    for requirement in required:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def sandboxes(settings: Settings) -> Facts:
    """Every kind of sandbox, and which one a mission would take."""
    try:
        box = choose(settings.sandbox)
        chosen, open_doors, reason = box.name, weakness(box), ""
    except AgentError as error:
        chosen, open_doors, reason = None, "", f"{error}. {error.hint}".strip()
    kinds = [_kind(row) for row in survey()]
    return {"asked": settings.sandbox, "chosen": chosen, "weakness": open_doors, "reason": reason, "kinds": kinds}


def _kind(row: Surveyed) -> Facts:
    stopped = {protection.against: {"active": protection.active, "note": protection.note} for protection in row.protections}
    return {"name": row.name, "works": row.works, "reason": row.reason, "hint": row.hint, "protections": stopped}


def target(settings: Settings) -> Facts:
    """Whether the pinned stageflow can be imported; its environment is built when it is not there yet."""
    try:
        found = resolve(INSTALLED, settings)
    except AgentError as error:
        return {"importable": False, "reason": str(error), "hint": error.hint}
    return {"importable": True, "version": found.version, "python": str(found.python), "fingerprint": found.fingerprint}


def docs(settings: Settings) -> Facts:
    """Which documentation is here."""
    upstream = sorted(p.name for p in (settings.docs / "upstream").glob("[0-9]*") if p.is_dir())
    own = len(own_files(settings.docs))
    return {"upstream": upstream, "own_pages": own}


def writable(folder: Path) -> bool:
    """Whether run folders can be made there."""
    probe = folder / ".doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True


def _ask_search(into: Facts, _: Settings) -> None:
    try:
        with socket.create_connection(SEARCH_HOST, timeout=NETWORK_SECONDS):
            into["web search"] = "reachable"
    except OSError as error:
        into["web search"] = f"not reachable: {error}"


def _ask_index(into: Facts, settings: Settings) -> None:
    """Ask the index that is set up here for the pinned release, past the cache."""
    try:
        wanted = f"stageflow-core=={pinned_version(settings)}\n"
        answer = uv(["pip", "compile", "--no-deps", "--refresh", "-"], settings, seconds=NETWORK_SECONDS, text=wanted)
        into["package index"] = "not reachable" if answer.returncode else "reachable"
    except AgentError as error:
        into["package index"] = f"not reachable: {error}"


def problems(facts: Facts) -> list[str]:
    """What stops a mission."""
    found = []
    if sys.version_info < OLDEST_PYTHON:
        found.append(f"Python {facts['python']['version']} is too old; 3.11 is the oldest")
    found += [f"the package {name} is missing; run `make setup`" for name, version in facts["packages"].items() if version is None]
    if facts["sandbox"]["chosen"] is None:
        found.append(facts["sandbox"]["reason"])
    if not facts["target"]["importable"]:
        found.append(f"{facts['target']['reason']}. {facts['target']['hint']}".strip())
    if not facts["runs"]["writable"]:
        found.append(f"{facts['runs']['folder']} is not writable; choose another with --runs DIR")
    if facts["free_disk_mb"] < LOW_DISK_MB:
        found.append(f"only {facts['free_disk_mb']} MB of disk are free; a mission needs {LOW_DISK_MB} MB")
    return list(dict.fromkeys(found))


def show(facts: Facts, console: Console) -> None:
    """The facts as tables."""
    console.print(_machine(facts))
    console.print(_protections(facts["sandbox"]))
    for kind in facts["sandbox"]["kinds"]:
        if not kind["works"]:
            console.print(escape(f"{kind['name']} does not work: {kind['reason']}\n  {kind['hint']}"))
    if facts["sandbox"]["weakness"]:
        console.print(f"[yellow]weak sandbox:[/yellow] {facts['sandbox']['weakness']}; code that a model writes is not run in it")
    for problem in facts["problems"]:
        console.print(f"[red]problem:[/red] {escape(problem)}")
    console.print("[green]A mission can run.[/green]" if facts["ready"] else "[red]A mission cannot run.[/red]")


def _machine(facts: Facts) -> Table:
    found, here = facts["target"], facts["docs"]
    upstream = ", ".join(here["upstream"]) or "none; run `python -m agent docs sync`"
    missing = [name for name, version in facts["packages"].items() if version is None]
    rows = {
        "python": f"{facts['python']['version']} ({facts['python']['executable']})",
        "packages": f"missing: {', '.join(missing)}" if missing else f"all {len(facts['packages'])} are here",
        "target": f"stageflow {found['version']}, importable" if found["importable"] else f"not importable: {found['reason']}",
        "sandbox": facts["sandbox"]["chosen"] or "none",
        "documentation": f"upstream: {upstream}; own pages: {here['own_pages']}",
        "run folders": f"{facts['runs']['folder']} ({'writable' if facts['runs']['writable'] else 'NOT writable'})",
        "free disk": f"{facts['free_disk_mb']} MB",
        **facts["network"],
    }
    table = Table(title="This machine", title_justify="left", show_header=False)
    for name, value in rows.items():
        table.add_row(name, escape(str(value)))
    return table


def _protections(sandbox: Facts) -> Table:
    table = Table(title="What each sandbox stops", title_justify="left")
    table.add_column("against")
    working = [kind for kind in sandbox["kinds"] if kind["works"]]
    for kind in working:
        table.add_column(kind["name"] + (" (chosen)" if kind["name"] == sandbox["chosen"] else ""), overflow="fold")
    for danger in working[0]["protections"] if working else ():
        cells = (kind["protections"][danger] for kind in working)
        table.add_row(danger, *(f"[{'green]yes' if cell['active'] else 'red]no'}[/]: {escape(cell['note'])}" for cell in cells))
    return table
