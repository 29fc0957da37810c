"""What phase 4 came to before its record: every committed run of probes is a test of its category, whoever chose it."""

import pytest

from agent.core.artifacts import CATEGORIES, CallResult
from agent.court.so_far import probe_runs


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("who", ["probes-", "probes-model-"])
def test_probes_chosen_by_playbook_or_model_are_tests_of_their_category(who: str, category: str) -> None:
    name = f"{who}{category}"
    call = CallResult(
        call_id=f"execute/{name}-0123456789",
        tool="run_probes",
        ok=True,
        result={"checks": {"holds": 2}},
        error="",
        seconds=1.0,
        finished_at="2026-01-01T00:00:00+00:00",
    )
    assert [(test.id, test.category) for test in probe_runs({name: call})] == [(name, category)]
