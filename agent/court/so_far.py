"""What phase 4 has come to while it has no record: its committed calls, and nothing that a program wrote without being committed."""

from collections import Counter
from typing import Any

from agent.core.artifacts import CallResult, Execution, Proof, Sighting, TestRun, Verdict
from agent.core.journal import Journal
from agent.core.ledger import Ledger
from agent.core.records import read_record
from agent.core.roadmap import Entry
from agent.core.workspace import Workspace
from agent.workload import pipeline_tests

OPEN = "the mission has not come to the end of this phase"
METRICS = "results/metrics/"
HASH = len("-0123456789")
"""What stands behind an action's id in the name of its marker."""


class Committed(Workspace):
    """A run folder without the metrics of tests that were not executed to their commit."""

    def __init__(self, run: Workspace, execution: Execution | None) -> None:
        super().__init__(run.root)
        self._tests = {test.id for test in execution.tests} if execution else set()

    def read_json(self, relative: str) -> Any:
        """See `Workspace.read_json`; None for metrics of another test."""
        test = relative.removeprefix(METRICS).removesuffix(".json")
        return None if relative.startswith(METRICS) and test not in self._tests else super().read_json(relative)


def execution_so_far(entry: Entry, run: Workspace) -> Execution | None:
    """The record of phase 4, or what it would hold by now; None when no test is committed."""
    if record := read_record(run, Execution):
        return record
    calls = committed_calls(run)
    tests = [*pipeline_runs(entry, run, calls), *probe_runs(calls)]
    if not tests:
        return None
    proofs = [Proof.model_validate(call.result) for call in calls.values() if call.tool == "prove" and call.ok]
    confirmed = {proof.key for proof in proofs if proof.status == "confirmed"}
    seen = [*pipeline_sightings(run, tests), *probe_sightings(calls)]
    return Execution(
        phase="execute",
        artifacts={},
        missing=(OPEN,),
        tests=tuple(tests),
        proofs=tuple(proofs),
        suspected=tuple(sighting for sighting in seen if sighting.key not in confirmed),
        log_flags=sum(len(call.result.get("flags", [])) for call in calls.values() if call.tool == "analyze_logs"),
    )


def is_open(execution: Execution | None) -> bool:
    """Whether phase 4 has begun and not ended."""
    return execution is not None and OPEN in execution.missing


def committed_calls(run: Workspace) -> dict[str, CallResult]:
    """The newest commit of each action of phase 4, by the action's id, in the order of their ends."""
    journal = Journal(run, Ledger(run.root))
    markers = (journal.committed(f"execute/{file.stem}") for file in run.path("results/calls/execute").glob("*.json"))
    found = sorted((marker for marker in markers if marker), key=lambda marker: (marker.finished_at, marker.call_id))
    return {marker.call_id.removeprefix("execute/")[:-HASH]: marker for marker in found}


def pipeline_runs(entry: Entry, run: Workspace, calls: dict[str, CallResult]) -> list[TestRun]:
    """The executed pipeline tests; one that broke counts as one unknown check."""
    rows = []
    for test in pipeline_tests(entry):
        if call := calls.get(f"test-{test.id}"):
            broke = not call.ok or call.result.get("exit_code") != 0
            counts: Counter[Verdict] = Counter(check["verdict"] for check in checks_of(run, test.id))
            if broke or not counts:
                counts = Counter({"unknown": 1})
            rows.append(TestRun(id=test.id, category=test.category, checks=dict(counts), call_id=call.call_id))
    return rows


def probe_runs(calls: dict[str, CallResult]) -> list[TestRun]:
    """The executed probes, a test for each category, and one for what a model chose of it: `probes-[model-]<category>`."""
    return [
        TestRun.model_validate({"id": name, "category": name.rpartition("-")[2], "checks": call.result["checks"], "call_id": call.call_id})
        for name, call in calls.items()
        if call.tool == "run_probes" and call.ok
    ]


def checks_of(run: Workspace, test: str) -> list[dict[str, Any]]:
    """The checks that a pipeline test wrote."""
    return list((run.read_json(f"{METRICS}{test}.json") or {}).get("checks", []))


def pipeline_sightings(run: Workspace, tests: list[TestRun]) -> list[Sighting]:
    """Violated checks of the executed pipeline tests."""
    return [
        Sighting(key=f"{test.id}:{check['id']}", case=check["id"], origin="pipeline")
        for test in tests
        if not test.id.startswith("probes-")
        for check in checks_of(run, test.id)
        if check["verdict"] == "violated"
    ]


def probe_sightings(calls: dict[str, CallResult]) -> list[Sighting]:
    """What the executed probes saw violated."""
    ran = (call for call in calls.values() if call.tool == "run_probes" and call.ok)
    return [Sighting.model_validate(row) for call in ran for row in call.result["sightings"]]
