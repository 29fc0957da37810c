"""What the probe library holds, read from its source without running any of it."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.errors import AgentError
from agent.core.remembered import key_of, remembered


@dataclass(frozen=True)
class ProbeCard:
    """The declared part of a probe; fields as in `components.lab.probe.Probe`, `id` is `<area>/<name>`."""

    id: str
    path: Path
    title: str
    claim: str
    source: str
    component: str
    subsystem: str
    category: str
    type: str
    consequence: str
    silent: bool
    default_setup: bool
    impact: str
    recommendation: str
    workaround: str = ""
    seconds: float = 10.0
    virtual_time: bool = False
    cause: str = ""
    explorable: bool = False
    """The file defines `strategy()`."""


def declared(file: Path) -> dict[str, Any]:
    """The literal keyword arguments of `PROBE = Probe(...)` in a probe file, and whether it can be explored.

    Raises:
        AgentError: the file does not declare a probe with literal arguments.
    """
    body = ast.parse(file.read_text(encoding="utf-8")).body
    explorable = any(isinstance(node, ast.FunctionDef) and node.name == "strategy" for node in body)
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and ast.unparse(node.targets[0]) == "PROBE":
            try:
                return {str(k.arg): ast.literal_eval(k.value) for k in node.value.keywords} | {"explorable": explorable}
            except ValueError as error:
                raise AgentError(f"{file}: PROBE needs literal arguments: {error}") from error
    raise AgentError(f"{file} does not declare PROBE = Probe(...)")


@functools.cache
def load_catalogue(components: Path, cache: Path | None = None) -> dict[str, ProbeCard]:
    """All probes below `components/probes`, by id, in order of id; read once in a process, and parsed once where there is a cache."""
    folder = components / "probes"
    files = {f.relative_to(folder).with_suffix("").as_posix(): f for f in sorted(folder.glob("*/*.py")) if f.name != "__init__.py"}

    def parsed() -> dict[str, dict[str, Any]]:
        return {name: declared(file) for name, file in files.items()}

    told = remembered(cache / "probes", key_of(*files, files=[*files.values(), Path(__file__)]), parsed) if cache else parsed()
    return {name: ProbeCard(id=name, path=file, **told[name]) for name, file in files.items()}
