"""The probes that explore stage graphs: what they promise is possible, and faults of every kind are noticed by some of them."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from components.lab.dag_case import Course
from components.lab.dag_judge import judge_same
from components.lab.probe import Violation
from components.lab.reference import promised_course

ROOT = Path(__file__).parents[3]
NAMES = sorted(file.stem for file in (ROOT / "components/probes/explore").glob("*.py"))
KNOWN = {
    "called_off_in_time",
    "called_off_reaches_children",
    "failure_modes_agree",
    "guard_retry_consistent",
    "overlapping_runs_clean_up",
    "overlapping_runs_end_alone",
    "retries_agree",
    "skip_decision_stable",
    "skips_agree",
    "time_limits_of_retries",
}
"""Probes that see defects of 1.2.0; all of their violations are of a kind that has a cause."""
FAULTS = {
    "dependents_early": ("pipeline/dag.py", "if in_degree[potential_child] == 0:", "if in_degree[potential_child] <= 1:"),
    "siblings_not_awaited": (
        "pipeline/dag.py",
        "                            await asyncio.gather(*active_tasks, return_exceptions=True)\n",
        "                            pass\n",
    ),
    "siblings_not_stopped": (
        "pipeline/dag.py",
        "                        for t in active_tasks:\n                            t.cancel()\n",
        "",
    ),
    "reason_lost": (
        "pipeline/dag.py",
        'reason=stage_output.data.get("cancel_reason", "Pipeline cancelled")',
        'reason="Pipeline cancelled"',
    ),
    "inputs_of_all": ("pipeline/dag.py", "if dep_name in spec.dependencies\n", "if dep_name\n"),
    "order_reversed": (
        "pipeline/interceptors.py",
        "sorted(interceptors, key=lambda i: i.priority)",
        "sorted(interceptors, key=lambda i: -i.priority)",
    ),
    "delay_in_seconds": ("pipeline/retry.py", "await asyncio.sleep(delay_ms / 1000.0)", "await asyncio.sleep(delay_ms / 100.0)"),
}
EXPECTED = {
    "dependents_early": "start_times_agree",
    "siblings_not_awaited": "nothing_goes_on",
    "siblings_not_stopped": "run_ends_as_promised",
    "reason_lost": "run_ends_as_promised",
    "inputs_of_all": "inputs_agree",
    "order_reversed": "interceptor_order_agrees",
    "delay_in_seconds": "retries_agree",
}


def module(name: str) -> ModuleType:
    return importlib.import_module(f"components.probes.explore.{name}")


def verdicts(jobs: list[dict[str, Any]], target: Path | None = None) -> Iterator[dict[str, Any]]:
    """What the runner says, in a process of its own."""
    env = {**os.environ, **({"PYTHONPATH": str(target)} if target else {})}
    command = [sys.executable, "-m", "components.lab.runner", "--jobs", "2"]
    text = "".join(json.dumps(job) + "\n" for job in jobs)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT, env=env, timeout=120)
    return map(json.loads, done.stdout.splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_every_probe_can_be_searched_and_its_cases_are_literals(name: str) -> None:
    probe = module(name)
    assert callable(probe.strategy)
    assert len({case.id for case in probe.CASES}) == len(probe.CASES) >= 3 or name == "called_off_in_time" or len(probe.CASES) == 2
    for case in probe.CASES:
        assert json.loads(json.dumps(case.params)) == case.params
        assert bool(case.cause) <= (name in KNOWN)


def test_only_kinds_with_a_known_cause_are_violated_and_all_controls_hold() -> None:
    cases = {name: [case.id for case in module(name).CASES[:4]] for name in NAMES}
    jobs = [{"probe": f"explore/{name}", "control": control, "cases": cases[name]} for name in NAMES for control in (False, True)]
    rows = list(verdicts(jobs))
    assert {row["verdict"] for row in rows if row["control"]} == {"holds"}
    assert {row["verdict"] for row in rows} == {"holds", "violated"}
    violated = [row for row in rows if row["verdict"] == "violated"]
    assert {row["probe"].removeprefix("explore/") for row in violated} == KNOWN
    assert all(row["cause"] for row in violated)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One faulty copy of the target for each of `FAULTS`."""
    import stageflow

    source, folder = Path(stageflow.__file__).parent, tmp_path_factory.mktemp("copies")
    for fault, (file, old, new) in FAULTS.items():
        tree = folder / fault / "stageflow"
        subprocess.run(["cp", "-r", str(source), str(tree.parent.mkdir() or tree)], check=True)
        text = (tree / file).read_text(encoding="utf-8")
        assert old in text
        (tree / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen_without_looking_for_it(fault: str, copies: Path) -> None:
    name = EXPECTED[fault]
    fixed = {case.id for case in module(name).CASES if not case.cause}
    rows = list(verdicts([{"probe": f"explore/{name}", "cases": sorted(fixed)[:4]}], copies / fault))
    assert "violated" in {row["verdict"] for row in rows}


def test_a_search_finds_the_known_defect_small_and_goes_on() -> None:
    rows = list(verdicts([{"probe": "explore/skips_agree", "explore": {"seed": 3, "seconds": 4.0}}]))
    found = [row for row in rows if row["verdict"] == "violated"]
    assert [row["cause"] for row in found] == [case.cause for case in module("skips_agree").CASES if case.cause][:1]
    assert len(found[0]["params"]["stages"]) <= 4
    assert rows[-1]["verdict"] == "holds" and rows[-1]["examples"] > 0


def test_what_is_unclear_is_not_judged() -> None:
    unclear = promised_course({"stages": [{"name": "a", "does": [["hang", 0]]}]})
    assert unclear.unclear
    importlib.import_module("components.lab.dag_judge").judge_course(unclear, Course(), lambda course, promised: {"ends": course.ends})
    with pytest.raises(Violation):
        judge_same({"ends": "ok"}, {"ends": "never"})
