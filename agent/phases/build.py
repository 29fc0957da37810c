"""Phase 3: five pipelines in order, each checked, written and run once before it counts."""

from agent.core.artifacts import Action, Construction, PhaseRecord
from agent.phases.base import Mission, Phase, Plan, absent
from agent.workload import lab_files, pipeline_code

SMOKE_SECONDS = 30.0


def plan(mission: Mission, attempt: int) -> Plan:
    """Write the lab code, then for each pipeline: write, smoke run; a later attempt writes and runs the broken ones again."""
    for number, (path, code) in enumerate(lab_files().items()):
        yield Action(id=f"lab-{number}", tool="write_code", args={"path": path, "code": code}, why=f"lab code {path}")
    working: list[str] = []
    broken: list[str] = []
    for file, code in pipeline_code(mission.entry).items():
        name, path = file.removesuffix(".py"), f"pipelines/{file}"
        suffix = f"-again-{attempt}" if attempt and broken else ""
        written = yield Action(
            id=f"write-{name}{suffix}", tool="write_code", args={"path": path, "code": code}, why=f"write the {name} pipeline"
        )
        if not written.result.get("ok"):
            broken.append(name)
            continue
        args = {"file": path, "args": ["--smoke"], "seconds": SMOKE_SECONDS, "name": f"smoke-{name}"}
        smoke = yield Action(id=f"smoke-{name}{suffix}", tool="run_code", args=args, why=f"run the {name} pipeline once")
        (working if smoke.ok and smoke.result["exit_code"] == 0 else broken).append(name)
    return Construction(
        phase="build", artifacts=mission.hashes("pipelines"), pipelines=tuple(working), broken=tuple(broken), repairs=attempt
    )


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """All five exist and ran."""
    assert isinstance(finished, Construction)
    missing = absent(mission, *(f"pipelines/{name}.py" for name in finished.pipelines))
    missing += [f"the {name} pipeline does not run; see results/logs/smoke-{name}_*.log" for name in finished.broken]
    return missing


PHASE = Phase("build", "baseline, stress, chaos, adversarial and recovery pipelines", plan, gate)
