"""A short entry of the roadmap and the parts it names (kit, deployment, storm, claims, criteria), put together to a whole one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from agent.core.errors import UsageError
from agent.core.record import Record
from agent.core.substitution import UnknownName, filled
from agent.core.variants import edge_cases, hostile_cases

Reader = Callable[[Path], dict[str, Any]]


class OwnHypothesis(Record):
    """A hypothesis that only this entry has."""

    subsystems: tuple[str, ...]
    statement: str
    prediction: str
    refuted_by: str
    checks: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """Names of the entry's targets that judge it besides."""


class ShortEntry(Record):
    """What an entry states itself; everything else comes from the parts it names."""

    id: str
    title: str
    priority: Literal["P0", "P1", "P2"]
    risk_class: Literal["Catastrophic", "Severe", "High", "Moderate", "Low"]
    industry: str = ""
    """Empty: that of its area."""
    domain: str = ""
    """Empty: the pack of its area."""
    kit: str
    """Name of a file in `kits/`: fields, services, stages and the golden rule with names to be filled in."""
    deployment: str
    """Name in `shared/deployments.yaml`."""
    storm: tuple[str, float, float]
    """Name in `shared/storms.yaml`, the rate of its main fault, and milliseconds of its delays."""
    subsystems: tuple[str, ...] = Field(min_length=2)
    own: dict[str, Any]
    """Values for the names of kit and storm: nouns, ranges, samples, thresholds."""
    tenants: tuple[str, ...]
    records: int
    rows: int = 10
    load: tuple[float, str, int]
    """Target per second, what is counted, and how many may be under way at once."""
    risks: tuple[str, ...] = Field(min_length=1)
    expects: tuple[str | OwnHypothesis, ...] = Field(min_length=2)
    """Names in `shared/claims.yaml`, or hypotheses of its own."""
    targets: dict[str, float]
    """Name in `shared/criteria.yaml` to number."""
    queries: tuple[str, ...] = Field(min_length=2)
    hostile: dict[str, int] = Field(default_factory=dict)
    """How many variants of a kind are made of each field, where that is not one."""


@dataclass(frozen=True)
class Parts:
    """The shared parts of one roadmap folder, read when they are asked for."""

    folder: Path
    read: Reader

    def shared(self, kind: str, name: str) -> Any:
        """One part of `shared/<kind>.yaml`."""
        file = self.folder / "shared" / f"{kind}.yaml"
        parts = self.read(file) if file.exists() else {}
        if name not in parts:
            raise UsageError(f"shared/{kind}.yaml has no {name!r}", hint=f"There are: {', '.join(sorted(parts))}.")
        return parts[name]

    def kit(self, name: str) -> dict[str, Any]:
        """A kit."""
        file = self.folder / "kits" / f"{name}.yaml"
        if not file.exists():
            known = ", ".join(sorted(path.stem for path in file.parent.glob("*.yaml")))
            raise UsageError(f"kits/ has no {name!r}", hint=f"There are: {known}.")
        return self.read(file)


def composed(entry: ShortEntry, parts: Parts) -> dict[str, Any]:
    """The whole entry as data; its domain is still the pack's name.

    Raises:
        UsageError: a part does not exist, or a name in it has no value; names the entry.
    """
    try:
        return _composed(entry, parts)
    except UnknownName as error:
        raise UsageError(
            f"{entry.id}: {error}", hint=f"kit {entry.kit!r} lists in its first lines what an entry gives in `own`."
        ) from error


def _composed(entry: ShortEntry, parts: Parts) -> dict[str, Any]:
    """See `composed`."""
    kit = parts.kit(entry.kit)
    area = parts.shared("areas", entry.id.partition("-")[0])
    deployment = parts.shared("deployments", entry.deployment)
    names = all_names(entry, kit, deployment, parts)
    targets = {name: (f"{entry.id}-C{number}", value) for number, (name, value) in enumerate((kit["targets"] | entry.targets).items(), 1)}
    workload = workload_of(entry, kit, deployment, names, parts)
    expected = hypotheses(entry, names, {name: ident for name, (ident, _) in targets.items()}, parts)
    subsystems = list(dict.fromkeys([*entry.subsystems, *(name for one in expected for name in one["subsystems"])]))
    return {
        "id": entry.id,
        "title": entry.title,
        "priority": entry.priority,
        "risk_class": entry.risk_class,
        "industry": entry.industry or area.get("industry", "N/A"),
        "deployment_mode": deployment["mode"],
        "domain": entry.domain or area["domain"],
        "simulated": [*deployment["simulated"], *stand_ins(workload["services"])],
        "subsystems": subsystems,
        "risks": [*entry.risks, *filled(kit["risks"], names)],
        "hypotheses": expected,
        "success_criteria": [
            {"id": ident, "value": value, **filled(parts.shared("criteria", name), {**names, "value": f"{value:g}"})}
            for name, (ident, value) in targets.items()
        ],
        "research_queries": entry.queries,
        "docs_topics": list(dict.fromkeys(parts.shared("topics", subsystem) for subsystem in subsystems)),
        "workload": workload,
    }


def all_names(entry: ShortEntry, kit: Mapping[str, Any], deployment: Mapping[str, Any], parts: Parts) -> dict[str, Any]:
    """Every name a part may use; what the entry says wins over the kit's defaults."""
    storm, rate, milliseconds = entry.storm
    weather = parts.shared("storms", storm)
    numbers = {"rate": rate, "ms": milliseconds, "attempts": weather["attempts"], "timeout": weather["timeout"]}
    load = {"target": f"{entry.load[0]:g}", "unit": entry.load[1], "in_flight": entry.load[2]}
    counts = {"records": entry.records, "rows": entry.rows, "tenant_count": len(entry.tenants)}
    return {**kit["defaults"], "latency": deployment["latency"], **numbers, **load, **counts, **entry.own}


def workload_of(
    entry: ShortEntry, kit: Mapping[str, Any], deployment: Mapping[str, Any], names: Mapping[str, Any], parts: Parts
) -> dict[str, Any]:
    """The workload: the kit's graph over the entry's nouns, its own load, the faults of storm and deployment, variants of every field."""
    target, unit, in_flight = entry.load
    graph: dict[str, Any] = filled({part: kit[part] for part in ("fields", "services", "stages", "decision", "golden")}, names)
    faults = [*parts.shared("storms", entry.storm[0])["faults"], *deployment["faults"]]
    return graph | {
        "happy_records": entry.records,
        "tenants": entry.tenants,
        "edge_cases": edge_cases(graph["fields"], entry.hostile),
        "adversarial": hostile_cases(graph["fields"], entry.hostile),
        "load": {"target_per_second": target, "unit": unit, "in_flight": in_flight, **deployment["load"]},
        "faults": filled(faults, names),
        "stage_timeout_ms": names["timeout"],
        "retry_attempts": names["attempts"],
    }


def stand_ins(services: list[dict[str, Any]]) -> list[dict[str, str]]:
    """What stands in for the services."""
    tables = [service["name"].replace("_", " ") for service in services if service["kind"] != "llm"]
    lines = [{"what": ", ".join(tables), "means": "mocks in memory with seeded latency and an effects ledger"}]
    if any(service["kind"] == "llm" for service in services):
        lines.append({"what": "a language model", "means": "a deterministic mock that obeys instructions hidden in its prompt"})
    return lines


def hypotheses(entry: ShortEntry, names: Mapping[str, Any], criteria: Mapping[str, str], parts: Parts) -> list[dict[str, Any]]:
    """The entry's hypotheses, numbered: its own first as written, shared ones with its nouns and numbers; targets by their ids."""
    found = []
    for number, expected in enumerate(entry.expects, 1):
        raw = dict(parts.shared("claims", expected)) if isinstance(expected, str) else expected.model_dump()
        targets = raw.pop("targets", ())
        if unknown := [name for name in targets if name not in criteria]:
            raise UsageError(f"{entry.id}: expects: targets: the entry has no {', '.join(unknown)}")
        found.append({"id": f"{entry.id}-H{number}", "criteria": [criteria[name] for name in targets], **filled(raw, names)})
    return found
