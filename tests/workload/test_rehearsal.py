"""Stages and golden rule of every entry agree, and a rehearsal notices when they do not."""

import pytest

from agent.core.roadmap import Entry
from agent.workload.rehearsal import problems_of
from tests.workload.entries import ENTRIES


def changed(entry: Entry, **golden: object) -> Entry:
    workload = entry.workload.model_dump()
    return Entry.model_validate(entry.model_dump() | {"workload": workload | {"golden": workload["golden"] | golden}})


@pytest.mark.no_cover  # a sweep: other tests run the same lines once
def test_every_entry_agrees_with_its_golden_rule_on_happy_and_edge_records() -> None:
    assert {name: problems for name, entry in ENTRIES.items() if (problems := problems_of(entry))} == {}


@pytest.mark.parametrize("name", ["FIN-002", "DAG-001", "AGENT-001", "HEALTH-004", "CORE-001"])
def test_a_golden_rule_that_is_wrong_is_noticed(name: str) -> None:
    entry = ENTRIES[name]
    assert any("golden" in line for line in problems_of(changed(entry, otherwise="something_else")))
    first, *others = entry.workload.golden.model_dump()["effects"]
    assert any("writes" in line for line in problems_of(changed(entry, effects=[first | {"key": "'x'"}, *others])))


def test_a_decision_or_an_effect_that_never_comes_is_noticed() -> None:
    entry = ENTRIES["FIN-002"]
    rules = [{"when": "False", "decision": "never"}, *entry.workload.golden.model_dump()["decide"]]
    assert "no happy record is decided as 'never'" in problems_of(changed(entry, decide=rules))
    effects = [
        *entry.workload.golden.model_dump()["effects"],
        {"service": "postings", "operation": "rare", "key": "record.transfer_id", "when": "False"},
    ]
    assert any("fewer than 3" in line for line in problems_of(changed(entry, effects=effects)))
