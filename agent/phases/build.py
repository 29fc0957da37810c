"""Phase 3: five pipelines in order, each checked, written and run once before it counts."""

from collections.abc import Generator

from agent.core.artifacts import Action, CallResult, Construction, PhaseRecord
from agent.phases.base import Mission, Phase, Plan, absent
from agent.workload import pipeline_code

SMOKE_SECONDS = 30.0


def plan(mission: Mission, attempt: int) -> Plan:
    """Write each pipeline and run it once; a later attempt writes and runs the broken ones again."""
    working: list[str] = []
    broken: list[str] = []
    for file, code in pipeline_code(mission.entry).items():
        name, path = file.removesuffix(".py"), f"pipelines/{file}"
        (working if (yield from built(name, path, code, attempt)) else broken).append(name)
    return Construction(
        phase="build", artifacts=mission.hashes("pipelines"), pipelines=tuple(working), broken=tuple(broken), repairs=attempt
    )


def built(name: str, path: str, code: str, attempt: int) -> Generator[Action, CallResult, bool]:
    """Write one pipeline and run it once; whether it works. Up to `attempt` further tries follow a failure."""
    for number in range(attempt + 1):
        suffix = f"-again-{number}" if number else ""
        file = {"path": path, "code": code}
        written = yield Action(id=f"write-{name}{suffix}", tool="write_code", args=file, why=f"write the {name} pipeline")
        if not written.result.get("ok"):
            continue
        args = {"file": path, "args": ["--smoke"], "seconds": SMOKE_SECONDS, "name": f"smoke-{name}", "warm": True}
        smoke = yield Action(id=f"smoke-{name}{suffix}", tool="run_code", args=args, why=f"run the {name} pipeline once")
        if smoke.ok and smoke.result["exit_code"] == 0:
            return True
    return False


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """All five exist and ran."""
    assert isinstance(finished, Construction)
    missing = absent(mission, *(f"pipelines/{name}.py" for name in finished.pipelines))
    missing += [f"the {name} pipeline does not run; see results/logs/smoke-{name}_*.log" for name in finished.broken]
    return missing


PHASE = Phase("build", "baseline, stress, chaos, adversarial and recovery pipelines", plan, gate)
