"""The data sets: deterministic, valid where they must be, and with the golden answer that the data alone give."""

import json
import math
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.roadmap import Entry
from agent.workload import datasets, persona_page, services_code
from agent.workload.stages import as_fields
from components.lab.records import Field, problems
from tests.workload.entries import ENTRIES
from tests.workload.samples import sample

NAMES = sample(ENTRIES)
SMALL_SEEDS = st.integers(0, 10_000)


def rows(files: dict[str, str], kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[f"mocks/data/{kind}/records.jsonl"].splitlines()]


def refused(entry: Entry, record: dict[str, Any]) -> list[str]:
    """What the lab's validator, which knows nothing of how the records were made, says."""
    return problems(record, [Field(**field) for field in as_fields(entry.workload)], entry.workload.tenants)


@settings(max_examples=8, deadline=None)
@given(st.sampled_from(NAMES), SMALL_SEEDS)
def test_happy_and_edge_records_are_valid_and_have_a_golden_answer(name: str, seed: int) -> None:
    entry = ENTRIES[name]
    files = datasets(entry, seed)
    decisions = {rule.decision for rule in entry.workload.golden.decide} | {entry.workload.golden.otherwise}
    effects = {(effect.service, effect.operation) for effect in entry.workload.golden.effects}
    for row in rows(files, "happy_path") + rows(files, "edge_cases") + rows(files, "scale"):
        assert refused(entry, row["record"]) == []
        assert row["expected"]["outcome"] == "accepted"
        assert row["expected"]["decision"] in decisions
        assert {(service, operation) for service, operation, _ in row["expected"]["effects"]} <= effects
        assert all(math.isfinite(v) for v in row["expected"]["outputs"].values() if isinstance(v, (int, float)))


@settings(max_examples=3, deadline=None)
@given(st.sampled_from(NAMES), SMALL_SEEDS)
def test_the_same_seed_gives_the_same_bytes(name: str, seed: int) -> None:
    entry = ENTRIES[name]
    assert datasets(entry, seed) == datasets(entry, seed)
    assert datasets(entry, seed) != datasets(entry, seed + 1)


@pytest.mark.parametrize("name", NAMES)
def test_every_decision_and_every_effect_occurs(name: str) -> None:
    entry = ENTRIES[name]
    happy = rows(datasets(entry, 1), "happy_path")
    seen = Counter(row["expected"]["decision"] for row in happy)
    assert set(seen) == {rule.decision for rule in entry.workload.golden.decide} | {entry.workload.golden.otherwise}
    made = Counter((effect[0], effect[1]) for row in happy for effect in row["expected"]["effects"])
    assert min(made[effect.service, effect.operation] for effect in entry.workload.golden.effects) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_attacks_say_what_is_wrong_and_why(name: str) -> None:
    entry = ENTRIES[name]
    attacks = rows(datasets(entry, 1), "adversarial")
    assert {row["expected"]["outcome"] for row in attacks} >= {"rejected"}
    for row in attacks:
        by_reference = row["expected"]["why"].startswith(("cross tenant", "unknown key", "injection"))
        assert bool(refused(entry, row["record"])) is not by_reference or by_reference
        if row["expected"]["outcome"] == "rejected":
            assert row["expected"]["effects"] == []


def test_fraud_scoring_golden_rule_by_hand() -> None:
    files = datasets(ENTRIES["FIN-001"], 5)
    accounts = {r["account_id"]: r for r in map(json.loads, files["mocks/services/accounts.jsonl"].splitlines())}
    devices = {r["device_id"]: r for r in map(json.loads, files["mocks/services/devices.jsonl"].splitlines())}
    for row in rows(files, "happy_path"):
        payment = row["record"]
        account, device = accounts[payment["account_id"]], devices[payment["device_id"]]
        risk = 0.1 * min(payment["amount"] / account["average_amount"], 4) + 0.2 * (payment["country"] != account["home_country"])
        risk += 0.25 * (1 - device["trust"]) + 0.015 * min(payment["attempts"], 10)
        by_hand = (
            "block"
            if account["status"] == "frozen" or risk >= 0.5
            else "review"
            if account["status"] == "watched" or risk >= 0.4
            else "approve"
        )
        if min(abs(risk - 0.5), abs(risk - 0.4)) > 1e-4:
            assert row["expected"]["decision"] == by_hand


@pytest.mark.parametrize("name", NAMES)
def test_services_and_persona_are_readable_and_stable(name: str) -> None:
    entry = ENTRIES[name]
    files = services_code(entry)
    assert files == services_code(entry)
    assert {f"mocks/services/{service.name}.py" for service in entry.workload.services} < set(files)
    for path, text in files.items():
        compile(text, path, "exec")
        assert max(map(len, text.splitlines())) <= 120
    page = persona_page(entry)
    assert entry.domain.persona.role in page
    assert "not fetched" in page
