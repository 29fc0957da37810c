"""Phase 5: eight aspects of the developer experience, scored 1 to 5 from recorded facts (`agent.reporting.experience`)."""

from agent.core.artifacts import Action, CallResult, Evaluation, PhaseRecord
from agent.core.pages import page
from agent.court.evidence import confirmed_proofs
from agent.phases.base import Mission, Phase, Plan, absent
from agent.reporting.experience import Observed, delights, friction, scored
from tools.doc_names import documentation_facts

SCRIPT = "pipelines/lab/dx_facts.py"


def plan(mission: Mission, attempt: int) -> Plan:
    """Run the fact script and the newcomer's pages on the target, read the documentation's code blocks, score."""
    code = (mission.settings.project / "components/lab/dx_facts.py").read_text(encoding="utf-8")
    yield Action(id="script", tool="write_code", args={"path": SCRIPT, "code": code}, why="write the developer-experience script")
    args = {"file": SCRIPT, "args": ["--out", "results/metrics/dx.json"], "seconds": 60.0, "name": "dx-facts", "warm": True}
    ran = yield Action(id="facts", tool="run_code", args=args, why="common mistakes, debugging, extension points, cost")
    read = yield Action(id="newcomer", tool="try_docs", args={}, why="run what a newcomer reads, as it is written")
    facts = mission.workspace.read_json("results/metrics/dx.json") if worked(ran) else None
    blocks = documentation_facts(mission.target, mission.settings)
    symbols = (mission.workspace.read_json("research/api.json") or {}).get("symbols", [])
    observed = Observed(facts or {}, blocks, read.result if read.ok else {}, symbols)
    scores = scored(observed)
    mission.workspace.write_json("dx_evaluation/scores.json", [score.model_dump(mode="json") for score in scores])
    contradictions = [p for p in confirmed_proofs(mission.workspace) if mission.catalogue[p.key.partition("@")[0]].type == "documentation"]
    told = {"friction": friction(observed), "delights": delights(observed), "untried": read.error}
    mission.workspace.write(
        "dx_evaluation/evaluation.md",
        page("dx.md.j2", scores=scores, blocks=blocks, facts=facts, tried=observed.tried, contradictions=contradictions, **told),
    )
    return Evaluation(phase="evaluate", artifacts=mission.hashes("dx_evaluation"), scores=scores)


def worked(call: CallResult) -> bool:
    """The script ran to its end."""
    return call.ok and call.result["exit_code"] == 0


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """Eight aspects, each scored from facts."""
    assert isinstance(finished, Evaluation)
    missing = absent(mission, "dx_evaluation/scores.json", "dx_evaluation/evaluation.md")
    return missing + [f"no facts to score {s.aspect}" for s in finished.scores if s.score is None]


PHASE = Phase("evaluate", "eight developer-experience scores from recorded facts", plan, gate)
