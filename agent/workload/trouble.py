"""Where faults are put in a workload, found from its data."""

from itertools import combinations
from typing import Any

from agent.core.errors import UsageError
from agent.core.operations import Ask, Lookup, Write
from agent.core.workload import Stage, Workload


def storm(workload: Workload) -> list[dict[str, Any]]:
    """The entry's faults that a retry can cure, as arguments of the lab's `Fault`."""
    rows = []
    for fault in workload.faults:
        if fault.kind not in ("timeout", "cancel"):
            row: dict[str, Any] = {"kind": fault.kind, "target": fault.service or fault.stage}
            row |= {name: value for name in ("rate", "nth", "milliseconds") if (value := getattr(fault, name))}
            rows.append(row)
    return rows


def probe(workload: Workload) -> dict[str, str]:
    """A stage that always asks a service that no other stage asks: where single faults are put."""
    asking = [s for s in workload.stages if isinstance(s.does, Lookup | Ask | Write)]
    users = [s.does.service for s in asking if isinstance(s.does, Lookup | Ask | Write)]
    for stage in asking:
        does = stage.does
        if isinstance(does, Lookup | Ask | Write) and users.count(does.service) == 1 and not stage.copies and not getattr(does, "when", ""):
            return {"stage": stage.name, "service": does.service}
    raise UsageError("a workload needs a stage that always asks a service of its own")


def siblings(workload: Workload) -> tuple[str, str, list[str]] | None:
    """Two services that are asked side by side by one stage each, and which of them only some records ask; None without such a pair."""
    before: dict[str, set[str]] = {}
    for stage in workload.stages:
        before[stage.name] = set(stage.after).union(*(before[name] for name in stage.after))
    asking = [(s, s.does) for s in workload.stages if isinstance(s.does, Lookup | Ask | Write) and not s.copies]
    users = [does.service for _, does in asking]
    alone = [(s, does) for s, does in asking if users.count(does.service) == 1]
    for (left, asks), (right, also_asks) in combinations(alone, 2):
        if left.name not in before[right.name] and right.name not in before[left.name]:
            return asks.service, also_asks.service, [d.service for d in (asks, also_asks) if getattr(d, "when", "")]
    return None


def write(stages: tuple[Stage, ...]) -> dict[str, str]:
    """The first write among these stages."""
    for stage in stages:
        if isinstance(stage.does, Write):
            return {"stage": stage.name, "service": stage.does.service, "operation": stage.does.operation}
    raise UsageError("a workload needs a stage that writes")
