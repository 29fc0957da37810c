"""Phase 2: the practitioner, the data and the mocked services of the entry's industry."""

from agent.core.artifacts import Action, PhaseRecord, Simulation
from agent.phases.base import Mission, Phase, Plan, absent
from agent.workload import lab_files, services_code
from agent.workload.order import dependencies_first

KINDS = ("happy_path", "edge_cases", "adversarial", "scale")


def plan(mission: Mission, attempt: int) -> Plan:
    """Generate persona and data from the entry, then write the services, and the lab code they use, through the checks for code."""
    made = yield Action(
        id="data", tool="generate_data", args={"entry": mission.entry.id, "seed": SEED}, why="persona and four kinds of data"
    )
    lab = lab_files(mission.entry)
    for number, (path, code) in enumerate(dependencies_first(lab | services_code(mission.entry)).items()):
        args = {"path": path, "code": code, "imports_check": path not in lab}  # the pipelines import the lab, and are imported when written
        yield Action(id=f"code-{number}", tool="write_code", args=args, why=f"write {path}")
    return Simulation(
        phase="simulate",
        artifacts=mission.hashes("mocks/persona.md", *(f"mocks/data/{kind}" for kind in KINDS), "mocks/services"),
        rows=made.result.get("rows", {}),
        services=tuple(service.name for service in mission.entry.workload.services),
    )


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """Every kind of data has rows, every service is there."""
    assert isinstance(finished, Simulation)
    missing = absent(mission, "mocks/persona.md", "mocks/services", *(f"mocks/data/{kind}" for kind in KINDS))
    missing += [f"no {kind} data" for kind in KINDS if not finished.rows.get(kind)]
    missing += [f"{path} did not pass the checks for code" for path in services_code(mission.entry) if path not in finished.artifacts]
    return missing


SEED = 1
"""Seed of all generated data; part of every call id."""

PHASE = Phase("simulate", "persona, four kinds of data, mocked services", plan, gate)
