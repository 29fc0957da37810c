"""The search beyond fixed cases: finds, shrinks, goes past what is known, and never takes its own failure for a defect."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import strategies as st

from components.lab.explore import explore
from components.lab.probe import Case, Probe, expect

ROOT = Path(__file__).parents[3]
CARD = Probe(
    title="t",
    claim="c",
    source="invariant:count",
    component="x.Y",
    subsystem="s",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="i",
    recommendation="r",
)
SHORT = {"seed": 1, "seconds": 20.0}


def module(scenario: Any, **more: Any) -> ModuleType:
    made = ModuleType("made")
    numbers = st.fixed_dictionaries({"n": st.integers(0, 1000), "m": st.integers(0, 1000)})
    vars(made).update(PROBE=CARD, strategy=lambda: numbers, scenario=scenario, **more)
    return made


@pytest.mark.parametrize("limit", [0, 1, 17, 250, 900])
def test_what_is_found_is_the_smallest_case(limit: int) -> None:
    def scenario(params: dict[str, int]) -> None:
        expect(params["n"] < limit, f"n below {limit}", str(params["n"]))

    rows = list(explore(module(scenario), {"seed": 1, "seconds": 30.0}))
    assert rows[0]["params"] == {"n": limit, "m": 0}
    assert rows[0]["observed"] == str(limit)
    assert rows[-1]["over"] and rows[-1]["examples"] > 0


def test_with_features_it_goes_past_what_is_known() -> None:
    def scenario(params: dict[str, int]) -> None:
        expect(params["n"] < 10, "few n", "many")
        expect(params["m"] < 10, "few m", "many")

    def features(params: dict[str, int]) -> set[str]:
        return {name for name in params if params[name] >= 10}

    def case_of(params: dict[str, int]) -> Case:
        return Case("", params, title=f"too many {'n' if params['n'] >= 10 else 'm'}")

    rows = list(explore(module(scenario, features=features, case_of=case_of), SHORT))
    assert sorted(row["title"] for row in rows[:-1]) == ["too many m", "too many n"]
    assert rows[-1]["over"]
    known = [row["features"] for row in rows[:-1]]
    assert [row["case"] for row in explore(module(scenario, features=features), SHORT | {"known": known})] == ["explored"]


def test_a_scenario_that_breaks_is_unknown_and_ends_the_search() -> None:
    def scenario(params: dict[str, int]) -> None:
        if params["n"] > 3:
            raise KeyError("ours")

    (row,) = explore(module(scenario), SHORT)
    assert row["verdict"] == "unknown"
    assert "KeyError" in row["reason"]


def test_a_claim_that_holds_gives_a_count_only() -> None:
    (row,) = explore(module(lambda params: None), {"seed": 1, "seconds": 2.0})
    assert (row["case"], row["verdict"]) == ("explored", "holds")
    assert row["examples"] > 10


def runner(*jobs: dict[str, Any]) -> list[dict[str, Any]]:
    text = "\n".join(map(json.dumps, jobs))
    done = subprocess.run(
        [sys.executable, "-m", "components.lab.runner", "--jobs", "2"], input=text, capture_output=True, text=True, cwd=ROOT, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_runner_searches_the_target_and_replays_what_was_found() -> None:
    found = runner({"steer": {"probes": ["retry/attempts_exact"], "seed": 3, "seconds": 20.0}})
    violated = next(row for row in found if row["verdict"] == "violated")
    assert violated["params"] == {"max_attempts": 3}
    assert violated["case"].startswith("explored-")
    again, control = (
        runner({"probe": "retry/attempts_exact", "given": [{"id": "g", "params": violated["params"]}], "control": c, "entered": True})[0]
        for c in (False, True)
    )
    assert (again["verdict"], again["observed"]) == ("violated", violated["observed"])
    assert control["verdict"] == "holds"
    assert any(name.startswith("stageflow.pipeline.retry:RetryInterceptor.") for name in again["entered"])


def test_a_probe_that_cannot_be_loaded_does_not_stop_the_search() -> None:
    rows = runner({"steer": {"probes": ["retry/there_is_none", "retry/attempts_exact"], "seed": 3, "seconds": 20.0}})
    assert [row["verdict"] for row in rows if row["probe"] == "retry/there_is_none"] == ["unknown"]
    assert any(row["verdict"] == "violated" for row in rows)
