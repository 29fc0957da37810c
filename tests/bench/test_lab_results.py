"""What the lab's own figures say: for each bench item found, how many different probes and properties see it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from agent.court.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue(ROOT / "components")
RESULTS = ROOT / "bench/results/lab.json"
BENCH_ID = re.compile(r"\bKB-\d+|\bm\d\d_[a-z]", re.IGNORECASE)
SEEN_TWICE = 0.7
"""Share of the items found that at least two different properties must see."""


def items() -> list[dict[str, Any]]:
    if not RESULTS.exists():
        return []
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    return [row for part in ("faults", "repairs") if part in kept for row in kept[part]["rows"] if row["found"]]


@pytest.mark.parametrize("row", items(), ids=lambda row: row["name"])
def test_every_item_found_is_seen_by_probes_of_the_library(row: dict[str, Any]) -> None:
    probes = {case["probe"] for case in row["seen"]}
    assert probes & set(CATALOGUE), f"{row['name']}: none of {sorted(probes)} is in the library any more: run `make bench-lab` again"


def test_most_items_are_seen_by_several_properties() -> None:
    if not items():
        pytest.skip("the lab has not been measured: run `make bench-lab`")
    properties = {row["name"]: {CATALOGUE[c["probe"]].claim for c in row["seen"] if c["probe"] in CATALOGUE} for row in items()}
    several = [name for name, claims in properties.items() if len(claims) > 1]
    assert len(several) >= SEEN_TWICE * len(properties), sorted(set(properties) - set(several))


def test_no_probe_names_an_item_of_the_bench() -> None:
    named = [str(f) for f in (ROOT / "components").rglob("*.py") if BENCH_ID.search(f.read_text(encoding="utf-8"))]
    assert named == []
