"""The roadmap: what may be investigated, as data. One YAML file per tier; domain packs, kits and other shared parts beside them.

Adding an entry is adding YAML; nothing here knows an entry by name. An entry that names a `kit` is short: the parts it names are put in
when the entry is asked for.
"""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from agent.core.artifacts import TestCategory
from agent.core.composition import Parts, ShortEntry, composed
from agent.core.errors import UnknownEntry, UsageError
from agent.core.record import Record
from agent.core.workload import Workload
from agent.core.yaml_files import mapping_in

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
    checks: tuple[str, ...] = ()
    """`<test id>:<check id>` of the pipeline checks that judge it: it is refuted when one of them is violated."""
    criteria: tuple[str, ...] = ()
    """Ids of the success criteria that judge it as well: it is refuted when one of them is missed."""


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


class Heading(Record):
    """What a list of entries shows, without the rest of the entry."""

    id: str
    title: str
    tier: int
    area: str
    priority: str
    risk: str
    industry: str
    deployment: str


def load_roadmap(folder: Path, cache: Path | None = None) -> dict[str, Entry]:
    """All entries of `folder/*.yaml` by id, shared parts put in.

    Raises:
        UsageError: a file is not YAML, a field is missing or wrong, or an id is there twice; names the file and the field.
    """
    parts = parts_of(folder, cache)
    domains = {
        raw["id"]: raw for file in sorted((folder / "domains").glob("*.yaml")) for raw in [parts.read(file)] if checked(file, Domain, raw)
    }
    entries: dict[str, Entry] = {}
    for file, tier, raw in written(folder, parts):
        entry = expanded(file, tier, raw, parts, domains)
        if entry.id in entries:
            raise UsageError(f"{file.name}: id: {entry.id} is declared twice")
        entries[entry.id] = entry
    return entries


def load_entry(folder: Path, wanted: str, cache: Path | None = None) -> Entry:
    """The entry of that id, whatever its case; no other one is expanded.

    Raises:
        UnknownEntry: there is none; the hint has the nearest ids.
        UsageError: see `load_roadmap`.
    """
    parts = parts_of(folder, cache)
    rows = {str(raw.get("id")): (file, tier, raw) for file, tier, raw in written(folder, parts)}
    file, tier, raw = rows[known_id(rows, wanted)]
    return expanded(file, tier, raw, parts, {path.stem: parts.read(path) for path in (folder / "domains").glob("*.yaml")})


def headings(folder: Path, cache: Path | None = None) -> list[Heading]:
    """All entries in the order of the files, without expanding any."""
    parts = parts_of(folder, cache)
    rows = []
    for file, tier, raw in written(folder, parts):
        area = parts.shared("areas", str(raw.get("id")).partition("-")[0])
        mode = raw.get("deployment_mode") or parts.shared("deployments", str(raw.get("deployment")))["mode"]
        head = {key: raw.get(key) for key in ("id", "title", "priority", "industry")} | {"tier": tier, "risk": raw.get("risk_class")}
        head |= {"area": area["area"], "deployment": mode, "industry": head["industry"] or area.get("industry", "N/A")}
        rows.append(checked(file, Heading, head))
    return rows


def parts_of(folder: Path, cache: Path | None) -> Parts:
    """The shared parts of a roadmap; every file is parsed once."""
    read: dict[Path, dict[str, Any]] = {}

    def once(file: Path) -> dict[str, Any]:
        if file not in read:
            read[file] = mapping_in(file, cache)
        return read[file]

    return Parts(folder, once)


def written(folder: Path, parts: Parts) -> Iterator[tuple[Path, int, dict[str, Any]]]:
    """Every entry as it is written, with its file and tier."""
    for file in sorted(folder.glob("*.yaml")):
        tier = parts.read(file)
        for raw in tier.get("entries") or ():
            if not isinstance(raw, dict):
                raise UsageError(f"{file.name}: entries: {raw!r} is not a mapping")
            yield file, tier.get("tier", 0), raw


def expanded(file: Path, tier: int, raw: dict[str, Any], parts: Parts, domains: dict[str, dict[str, Any]]) -> Entry:
    """An entry with its tier, its parts, and the domain pack in the place of its name."""
    whole = raw
    if "kit" in raw:
        short = checked(file, ShortEntry, raw)
        try:
            whole = composed(short, parts)
        except UsageError as error:
            raise UsageError(f"{file.name}: {short.id}: {error}", hint=error.hint) from error
    pack = whole.get("domain")
    if isinstance(pack, str) and pack not in domains:
        raise UsageError(f"{file.name}: {raw.get('id')}: domain: no pack {pack!r} in domains/", hint=f"There are: {sorted(domains)}.")
    return checked(file, Entry, {"tier": tier} | whole | ({"domain": domains[pack]} if isinstance(pack, str) else {}))


def known_id(ids: Iterable[str], wanted: str) -> str:
    """The id as the roadmap writes it.

    Raises:
        UnknownEntry: there is none; the hint has the nearest ids.
    """
    known = list(ids)
    if (found := wanted.upper()) in known:
        return found
    near = difflib.get_close_matches(wanted.upper(), known, n=3, cutoff=0.4) or sorted(known)[:5]
    raise UnknownEntry(f"the roadmap has no entry {wanted!r}", hint=f"Nearest: {', '.join(near)}. All: python -m agent roadmap.")


def find_entry(entries: dict[str, Entry], wanted: str) -> Entry:
    """The entry of that id, whatever its case.

    Raises:
        UnknownEntry: there is none; the hint has the nearest ids.
    """
    return entries[known_id(entries, wanted)]


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
