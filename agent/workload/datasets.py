"""The data sets of a mission: happy, edge, adversarial and scale, each record with what must come of it."""

import json
import random
from collections.abc import Iterator
from typing import Any

from agent.core.roadmap import Entry
from agent.workload.golden import Rows, answer
from agent.workload.values import record, reference, service_rows
from agent.workload.variants import attack, edge, refused

FOLDER = "mocks/data"
SCALE_SAMPLE = 50


def datasets(entry: Entry, seed: int) -> dict[str, str]:
    """Files of `mocks/data/` and the services' reference rows, by path. The same entry and seed give the same bytes."""
    rows = reference(entry.workload)
    scale = {
        "what": "records for load: numbers count on from 500001, everything else as in the happy path",
        "seed": seed,
        "load": entry.workload.load.model_dump(mode="json"),
        "rates_per_second": [entry.workload.load.target_per_second / 100 * factor for factor in entry.workload.load.ramp],
        "sample": "records.jsonl",
    }
    reference_rows = {
        f"mocks/services/{service.name}.jsonl": lines(iter(service_rows(service, entry.workload)))
        for service in entry.workload.services
        if service.rows
    }
    return reference_rows | {
        f"{FOLDER}/happy_path/records.jsonl": lines(happy(entry, seed, rows)),
        f"{FOLDER}/edge_cases/records.jsonl": lines(edges(entry, seed, rows)),
        f"{FOLDER}/adversarial/records.jsonl": lines(attacks(entry, seed, rows)),
        f"{FOLDER}/scale/recipe.json": json.dumps(scale, indent=2) + "\n",
        f"{FOLDER}/scale/records.jsonl": lines(happy(entry, seed, rows, first=500_001, count=SCALE_SAMPLE)),
    }


def lines(items: Iterator[dict[str, Any]]) -> str:
    """JSON lines; NaN and infinities stay as Python writes and reads them."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def accepted(entry: Entry, given: dict[str, Any], rows: Rows, why: str) -> dict[str, Any]:
    """A record that must pass, with its golden answer."""
    golden = answer(entry.workload, given, rows)
    expected = {"outcome": "accepted", "why": why, "decision": golden.decision, "outputs": golden.outputs, "effects": golden.effects}
    return {"record": given, "expected": expected}


def happy(entry: Entry, seed: int, rows: Rows, first: int = 1, count: int = 0) -> Iterator[dict[str, Any]]:
    """Normal records."""
    rng = random.Random(f"happy:{entry.id}:{seed}:{first}")
    for number in range(first, first + (count or entry.workload.happy_records)):
        yield accepted(entry, record(entry.workload, rng, number, rows), rows, "normal")


def edges(entry: Entry, seed: int, rows: Rows) -> Iterator[dict[str, Any]]:
    """Unusual but valid records."""
    rng = random.Random(f"edge:{entry.id}:{seed}")
    number = 200_001
    for kind in entry.workload.edge_cases:
        for _ in range(kind.count):
            changed, why = edge(kind, record(entry.workload, rng, number, rows), entry.workload, number)
            yield accepted(entry, changed, rows, why)
            if kind.kind == "duplicate_id":
                yield accepted(entry, dict(changed), rows, f"{why}: the same record once more")
            number += 1


def attacks(entry: Entry, seed: int, rows: Rows) -> Iterator[dict[str, Any]]:
    """Malformed and malicious records."""
    rng = random.Random(f"attack:{entry.id}:{seed}")
    number = 300_001
    for kind in entry.workload.adversarial:
        for _ in range(kind.count):
            changed, why = attack(kind, record(entry.workload, rng, number, rows), entry.workload, rows, rng, number)
            if refused(kind, changed, entry.workload):
                yield {"record": changed, "expected": {"outcome": "rejected", "why": why, "effects": []}}
            else:
                yield accepted(entry, changed, rows, f"{why}: only data here")
            number += 1
