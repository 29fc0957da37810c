"""Phase 2, added: further edge and adversarial records. The model says what differs; the rules of the fields say which kind it is."""

import datetime as dt
import json
from typing import Any

from agent.core.artifacts import Simulation
from agent.core.workload import FieldSpec
from agent.models.decisions import NewRow, Rows
from agent.phases.base import Mission, Plan
from agent.policies.additions.notes import ask, noted
from agent.workload.datasets import accepted
from agent.workload.values import reference

FIXED = ("id", "ref")
"""Types of fields that stay as they are: they tie a record to others."""
FIRST = 400_001
"""Number of the first added record; generated ones have others."""
FILE = "mocks/data/{kind}/model.jsonl"


def additions(mission: Mission, floor: Simulation) -> Plan:
    """Ask for records, check each against the fields, and write those that hold beside the generated ones."""
    base = example(mission)
    fields = mission.entry.workload.fields
    slots = {
        "title": mission.entry.title,
        "fields": [described(field) for field in fields],
        "example": json.dumps(base, ensure_ascii=False),
        "have": sorted({e.kind for e in mission.entry.workload.edge_cases} | {a.kind for a in mission.entry.workload.adversarial}),
        "changeable": [field.name for field in fields if field.type not in FIXED],
    }
    answer = yield from ask(Rows, "rows", slots, "which records to add")
    made: dict[str, list[dict[str, Any]]] = {}
    for place, row in enumerate(answer.rows if answer else (), 1):
        if why := unusable(row, fields):
            noted(mission, "simulate", f"record {place}", why)
        else:
            number = FIRST + sum(map(len, made.values()))
            made.setdefault(row.kind, []).append(stored(mission, base, row, number))
    for kind, rows in made.items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        mission.workspace.write(FILE.format(kind=kind), text)
    written = mission.hashes(*(FILE.format(kind=kind) for kind in made))
    counts = {kind: count + len(made.get(kind, ())) for kind, count in floor.rows.items()}
    return floor.model_copy(update={"artifacts": written | floor.artifacts, "rows": counts})


def example(mission: Mission) -> dict[str, Any]:
    """The first normal record of the run."""
    text = mission.workspace.path("mocks/data/happy_path/records.jsonl").read_text(encoding="utf-8")
    return dict(json.loads(text.splitlines()[0])["record"])


def described(field: FieldSpec) -> str:
    """A field in one line."""
    limits = f", {field.low:g} to {field.high:g}" if field.low is not None and field.high is not None else ""
    choices = f", one of {', '.join(field.choices[:8])}" if field.choices else ""
    longest = f", at most {field.longest} characters" if field.type == "text" else ""
    return f"{field.name}: {field.type}{limits}{choices}{longest}"


def unusable(row: NewRow, fields: tuple[FieldSpec, ...]) -> str:
    """Why a record is not taken; empty when it is what it says it is."""
    known = {field.name: field for field in fields}
    for name in row.changes:
        if name not in known or known[name].type in FIXED:
            return f"{name} is no field that may be changed"
    broken = [why for name, value in row.changes.items() if (why := broken_rule(known[name], value))]
    if row.kind == "edge_cases" and broken:
        return f"it should be allowed, but {broken[0]}"
    if row.kind == "adversarial" and not broken:
        return "it should break a rule of a field, but breaks none"
    return ""


def broken_rule(field: FieldSpec, value: Any) -> str:
    """Which rule of the field a value breaks; empty when none."""
    if field.type in ("int", "float", "money"):
        numeric = type(value) is int or (type(value) is float and field.type != "int")
        inside = numeric and field.low is not None and field.high is not None and field.low <= value <= field.high
        return "" if inside else f"{field.name} is not in its range"
    if field.type == "choice":
        return "" if value in field.choices else f"{field.name} is not one of its choices"
    if field.type == "bool":
        return "" if type(value) is bool else f"{field.name} is not true or false"
    if not isinstance(value, str) or (field.type == "text" and len(value) > field.longest):
        return f"{field.name} is no text of the allowed length"
    return "" if field.type == "text" or is_time(value) else f"{field.name} is no time"


def is_time(text: str) -> bool:
    """Whether a text is an ISO 8601 time with its zone."""
    try:
        return dt.datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def stored(mission: Mission, base: dict[str, Any], row: NewRow, number: int) -> dict[str, Any]:
    """The record, under a number of its own, with what must come of it; the golden answer is computed, never the model's."""
    name = mission.entry.workload.id_field
    changed = base | row.changes | {name: f"{mission.entry.workload.field(name).prefix}-{number:06d}"}
    if row.kind == "edge_cases":
        return accepted(mission.entry, changed, reference(mission.entry.workload), row.why)
    return {"record": changed, "expected": {"outcome": "rejected", "why": row.why, "effects": []}}
