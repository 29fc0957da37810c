"""The roadmap: what may be investigated, as data. One YAML file per tier, domain packs beside them.

Adding an entry is adding YAML; nothing here knows an entry by name.
"""

import difflib
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import ValidationError

from agent.core.artifacts import TestCategory
from agent.core.errors import UnknownEntry, UsageError
from agent.core.tool import Record
from agent.core.workload import Workload

SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where it was built."""
R = TypeVar("R", bound=Record)
Subsystem = Literal[
    "dag", "builder", "subpipeline", "failure_tolerance", "guard_retry", "cancellation", "lint", "inputs", "retry", "idempotency",
    "interceptors", "circuit_breaker", "hardening", "auth", "tools", "agent", "guardrails", "context", "enrich", "events",
    "observability", "analytics", "streaming", "projector", "contracts", "memory", "timestamps", "uuid_utils", "compression", "mocks",
    "frozen", "testing_helpers", "errors", "ports", "websearch", "packaging", "docs",
]  # fmt: skip


class Persona(Record):
    """The practitioner whose worries a mission takes on."""

    role: str
    organisation: str
    worries: tuple[str, ...]


class Regulation(Record):
    """A rule of the industry that touches the subject."""

    name: str
    clause: str
    concern: str


class Fact(Record):
    """Something about the industry that is written in the pack, not fetched: shown as built-in and never cited."""

    statement: str
    basis: str
    """Where such knowledge usually comes from, in words."""


class Domain(Record):
    """A built-in pack of industry knowledge."""

    id: str
    industry: str
    persona: Persona
    regulations: tuple[Regulation, ...]
    facts: tuple[Fact, ...]


class Simulated(Record):
    """Something the entry asks for that is not there, and what stands in for it."""

    what: str
    means: str


class Hypothesis(Record):
    """What is expected to be wrong or right, and what would refute it."""

    id: str
    statement: str
    prediction: str
    refuted_by: str
    subsystems: tuple[Subsystem, ...]


class SuccessCriterion(Record):
    """A target compared with a measured value once the tests have run; not a verdict on the framework."""

    id: str
    statement: str
    category: TestCategory
    metric: str
    """`<test id>:<path of the value in its metrics>`."""
    op: Literal["<=", ">=", "=="]
    value: float
    unit: str


class Entry(Record):
    """One worry of the roadmap with all that a mission needs."""

    id: str
    title: str
    tier: int
    priority: Literal["P0", "P1", "P2"]
    risk_class: Literal["Catastrophic", "Severe", "High", "Moderate", "Low"]
    industry: str
    deployment_mode: str
    simulated: tuple[Simulated, ...]
    domain: Domain
    subsystems: tuple[Subsystem, ...]
    risks: tuple[str, ...]
    hypotheses: tuple[Hypothesis, ...]
    success_criteria: tuple[SuccessCriterion, ...]
    research_queries: tuple[str, ...]
    docs_topics: tuple[str, ...]
    workload: Workload


def load_roadmap(folder: Path) -> dict[str, Entry]:
    """All entries of `folder/*.yaml` by id, domain packs from `folder/domains/*.yaml` put in.

    Raises:
        UsageError: a file is not YAML, a field is missing or wrong, or an id is there twice; names the file and the field.
    """
    domains = {
        raw["id"]: raw for file in sorted((folder / "domains").glob("*.yaml")) for raw in [parsed(file)] if checked(file, Domain, raw)
    }
    entries: dict[str, Entry] = {}
    for file in sorted(folder.glob("*.yaml")):
        tier = parsed(file)
        for raw in tier.get("entries", []):
            entry = checked(file, Entry, with_domain(file, tier, raw, domains))
            if entry.id in entries:
                raise UsageError(f"{file.name}: id: {entry.id} is declared twice")
            entries[entry.id] = entry
    return entries


def with_domain(file: Path, tier: dict[str, Any], raw: Any, domains: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An entry as written, with its tier, and with the domain pack in the place of its name."""
    if not isinstance(raw, dict):
        raise UsageError(f"{file.name}: entries: {raw!r} is not a mapping")
    pack = raw.get("domain")
    if isinstance(pack, str) and pack not in domains:
        raise UsageError(f"{file.name}: {raw.get('id')}: domain: no pack {pack!r} in domains/", hint=f"There are: {sorted(domains)}.")
    return {"tier": tier.get("tier")} | raw | ({"domain": domains[pack]} if isinstance(pack, str) else {})


def find_entry(entries: dict[str, Entry], wanted: str) -> Entry:
    """The entry of that id, whatever its case.

    Raises:
        UnknownEntry: there is none; the hint has the nearest ids.
    """
    if entry := entries.get(wanted.upper()):
        return entry
    near = difflib.get_close_matches(wanted.upper(), entries, n=3, cutoff=0.4) or sorted(entries)[:5]
    raise UnknownEntry(f"the roadmap has no entry {wanted!r}", hint=f"Nearest: {', '.join(near)}. All: python -m agent roadmap.")


def parsed(file: Path) -> dict[str, Any]:
    """The YAML mapping in `file`."""
    try:
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=SAFE)
    except yaml.YAMLError as error:
        raise UsageError(f"{file.name}: not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(raw, dict):
        raise UsageError(f"{file.name}: the file must hold a mapping")
    return raw


def checked(file: Path, kind: type[R], raw: dict[str, Any]) -> R:
    """`raw` as a record."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "(whole)"
        name = raw.get("id", "?")
        raise UsageError(
            f"{file.name}: {name}: {field}: {first['msg']}", hint="The schema is in agent/core/roadmap.py and workload.py."
        ) from error
