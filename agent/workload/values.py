"""Seeded values for fields: the same seed gives the same records and rows, byte for byte."""

import datetime as dt
import random
from collections.abc import Mapping
from typing import Any

from agent.core.workload import FieldSpec, Service, Workload
from agent.workload.golden import Rows

EPOCH = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def value(field: FieldSpec, rng: random.Random, number: int, keys: Mapping[str, list[str]]) -> Any:
    """One value; `keys` has the keys of each service's rows for the tenant."""
    low, high = field.typical or (field.low or 0.0, field.high or 0.0)
    match field.type:
        case "id":
            return f"{field.prefix}-{number:06d}"
        case "ref":
            return rng.choice(keys[field.service])
        case "int":
            return rng.randint(int(low), int(high))
        case "float":
            return round(rng.uniform(low, high), 4)
        case "money":
            return round(min(high, max(low, low + rng.expovariate(8 / (high - low)))), 2)
        case "choice":
            return rng.choices(field.choices, field.weights or None)[0]
        case "text":
            return rng.choice(field.samples)
        case "timestamp":
            return (EPOCH + dt.timedelta(seconds=7 * number + rng.randint(0, 6))).isoformat()
        case "bool":
            return rng.random() < 0.5


def service_rows(service: Service, workload: Workload) -> list[dict[str, Any]]:
    """The reference rows of a service, tenant by tenant; independent of the mission's seed."""
    rng = random.Random(f"rows:{service.name}")
    rows: list[dict[str, Any]] = []
    for tenant in workload.tenants:
        for _ in range(service.rows):
            number = len(rows) + 1
            rows.append({"tenant": tenant} | {f.name: value(f, rng, number, {}) for f in service.fields})
    return rows


def reference(workload: Workload) -> Rows:
    """All reference rows by service, tenant and key."""
    return {s.name: {(row["tenant"], row[s.key]): row for row in service_rows(s, workload)} for s in workload.services if s.rows}


def record(workload: Workload, rng: random.Random, number: int, rows: Rows) -> dict[str, Any]:
    """One happy record."""
    tenant = workload.tenants[number % len(workload.tenants)]
    keys = {name: [key for owner, key in found if owner == tenant] for name, found in rows.items()}
    return {"tenant": tenant} | {f.name: value(f, rng, number, keys) for f in workload.fields}
