"""No two entries give the same mission, and each exercises what it is about."""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from agent.core.artifacts import Action, CallResult
from agent.core.roadmap import Entry
from agent.core.settings import project_root
from agent.court.catalogue import load_catalogue
from agent.phases import execute, research
from agent.workload import pipeline_code, pipeline_tests, services_code
from agent.workload.stages import views
from agent.workload.values import service_rows
from tests.workload.entries import ENTRIES
from tests.workload.test_pipelines import execute as run_pipeline
from tests.workload.test_pipelines import materialise, result

CATALOGUE = load_catalogue(project_root() / "components")
KINDS_OF_AREA = {"TRANSFORM": "transform", "ENRICH": "enrich", "ROUTE": "route", "GUARD": "guard", "WORK": "work", "AGENT": "agent"}


def test_there_are_enough_of_every_family() -> None:
    families = Counter(name.partition("-")[0] for name in ENTRIES)
    assert len(ENTRIES) >= 230
    assert min(families.values()) >= 5
    assert {entry.workload.load.arrivals for entry in ENTRIES.values()} == {"poisson", "uniform"}
    assert {stage.does.op for entry in ENTRIES.values() for stage in entry.workload.stages} == {
        "validate", "lookup", "compute", "decide", "redact", "screen", "ask", "hear", "speak", "write", "emit"
    }  # fmt: skip


def source(entry: Entry) -> object:
    """What the stages do, and the code of the services."""
    stages = [(view.cls, view.dependencies, view.reads, view.lines) for view in views(entry.workload)]
    return stages, [text for path, text in services_code(entry).items() if not path.endswith("__init__.py")]


def data(entry: Entry) -> object:
    """Fields of records and the rows of the services."""
    fields = [field.model_dump() for field in entry.workload.fields]
    return fields, [service_rows(service, entry.workload) for service in entry.workload.services]


FACETS: dict[str, Callable[[Entry], object]] = {
    "source": source,
    "data": data,
    "load": lambda e: (e.workload.load, e.workload.tenants, e.workload.happy_records),
    "faults": lambda e: (e.workload.faults, e.workload.retry_attempts, e.workload.stage_timeout_ms),
    "criteria": lambda e: sorted((c.metric, c.op, c.value) for c in e.success_criteria),
    "hypotheses": lambda e: [(h.statement, h.prediction) for h in e.hypotheses],
    "risks": lambda e: e.risks,
    "queries": lambda e: e.research_queries,
}


@pytest.mark.parametrize("facet", sorted(FACETS))
def test_no_two_entries_share(facet: str) -> None:
    same: dict[str, list[str]] = defaultdict(list)
    for name, entry in ENTRIES.items():
        same[repr(FACETS[facet](entry))].append(name)
    assert [names for names in same.values() if len(names) > 1] == []


def actions(entry: Entry) -> Iterator[Action]:
    """What research and execution are going to do, as far as it does not depend on what comes of it."""
    mission: Any = SimpleNamespace(entry=entry, catalogue=CATALOGUE)
    plan = research.plan(mission, 0)
    action = next(plan)
    while action.id != "api":
        yield action
        action = plan.send(CallResult(call_id=action.id, tool=action.tool, ok=True, result={"ok": True, "results": [], "hits": []}))
    yield from (execute.pipeline_action(test) for test in pipeline_tests(entry))
    for category in sorted({card.category for card in CATALOGUE.values()}):
        yield Action(id=f"probes-{category}", tool="run_probes", args={"probes": execute.probes_of(mission, category)}, why="")


def test_no_two_plans_are_the_same() -> None:
    plans = Counter(json.dumps([(action.id, action.args) for action in actions(entry)]) for entry in ENTRIES.values())
    assert max(plans.values()) == 1


def test_each_has_a_hypothesis_of_its_own_and_probes_for_every_subsystem() -> None:
    statements = Counter(h.statement for entry in ENTRIES.values() for h in entry.hypotheses)
    tested = {card.subsystem for card in CATALOGUE.values()}
    for name, entry in ENTRIES.items():
        assert any(statements[h.statement] == 1 for h in entry.hypotheses), name
        assert set(entry.subsystems) <= tested, name
        assert {subsystem for h in entry.hypotheses for subsystem in h.subsystems} <= {*entry.subsystems, "retry"}, name
        assert len({h.id for h in entry.hypotheses} | {c.id for c in entry.success_criteria}) == len(entry.hypotheses) + len(
            entry.success_criteria
        )


def test_stage_families_use_stages_of_their_kind() -> None:
    for name, entry in ENTRIES.items():
        if kind := KINDS_OF_AREA.get(name.partition("-")[0]):
            assert kind in {stage.kind for stage in entry.workload.stages} or name in LIKE_AGENTS, name


LIKE_AGENTS = {"AGENT-006", "AGENT-007", "AGENT-009", "AGENT-010"}
"""Worries about what surrounds an agent; their graphs hold the rest of the work, the probes of `agent` hold the agent."""


def test_checks_and_metrics_that_are_named_exist() -> None:
    known: set[str] = set()
    for entry in (ENTRIES["FIN-001"], ENTRIES["AGENT-001"]):
        code = pipeline_code(entry)
        for test in pipeline_tests(entry):
            known |= {f"{test.id}:{check}" for check in checks_in(code[f"{test.pipeline}.py"], test.function)}
    for name, entry in ENTRIES.items():
        tests = {test.id for test in pipeline_tests(entry)}
        wanted = {check for h in entry.hypotheses for check in h.checks}
        assert wanted <= known, name
        assert {place.partition(":")[0] for place in [*wanted, *(c.metric for c in entry.success_criteria)]} <= tests, name


def checks_in(code: str, function: str) -> set[str]:
    """Ids that a test judges, itself or through a function that it calls."""
    functions = {node.name: node for node in ast.parse(code).body if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)}
    found: set[str] = set()
    for node in ast.walk(functions[function]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("judge_"):
            found |= checks_in(code, node.func.id)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "judge":
            found.add(ast.literal_eval(node.args[0]))
    return found


@pytest.mark.parametrize("name", ["AGENT-001", "AGENT-008", "HEALTH-004", "LEGAL-004"])
def test_their_pipelines_run_and_every_check_comes_to_a_verdict(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = materialise(ENTRIES[name], tmp_path_factory.mktemp(name))
    done = run_pipeline(root, "baseline", "--test", "baseline-silent-failures")
    assert done.returncode == 0, done.stdout + done.stderr
    verdicts = {check["id"]: check["verdict"] for check in result(root, "baseline-silent-failures")["checks"]}
    assert set(verdicts.values()) == {"holds"}
