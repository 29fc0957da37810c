"""Phase 5: eight aspects of the developer experience, scored 1 to 5 from recorded facts by published formulas."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.core.artifacts import Action, AspectScore, CallResult, Evaluation, PhaseRecord
from agent.core.pages import page
from agent.court.evidence import confirmed_proofs
from agent.phases.base import Mission, Phase, Plan, absent
from tools.inspect_api import Api, load_api, resolve_names

SHARES = ((0.95, 5), (0.8, 4), (0.6, 3), (0.4, 2))
"""A share of at least x scores y; below all of them 1."""
SHARE_FORMULA = "share >= 0.95: 5, >= 0.8: 4, >= 0.6: 3, >= 0.4: 2, else 1"
FENCE = re.compile(r"^```python[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SCRIPT = "pipelines/lab/dx_facts.py"


def plan(mission: Mission, attempt: int) -> Plan:
    """Run the fact script on the target, read the documentation's code blocks, score."""
    code = (mission.settings.project / "components/lab/dx_facts.py").read_text(encoding="utf-8")
    yield Action(id="script", tool="write_code", args={"path": SCRIPT, "code": code}, why="write the developer-experience script")
    args = {"file": SCRIPT, "args": ["--out", "results/metrics/dx.json"], "seconds": 60.0, "name": "dx-facts"}
    ran = yield Action(id="facts", tool="run_code", args=args, why="common mistakes, debugging, extension points, cost")
    facts = mission.workspace.read_json("results/metrics/dx.json") if worked(ran) else None
    blocks = documentation_facts(mission)
    scores = tuple(score_all(mission, facts or {}, blocks))
    mission.workspace.write_json("dx_evaluation/scores.json", [score.model_dump(mode="json") for score in scores])
    contradictions = [p for p in confirmed_proofs(mission.workspace) if mission.catalogue[p.key.partition("@")[0]].type == "documentation"]
    mission.workspace.write(
        "dx_evaluation/evaluation.md", page("dx.md.j2", scores=scores, blocks=blocks, facts=facts, contradictions=contradictions)
    )
    return Evaluation(phase="evaluate", artifacts=mission.hashes("dx_evaluation"), scores=scores)


def worked(call: CallResult) -> bool:
    """The script ran to its end."""
    return call.ok and call.result["exit_code"] == 0


def documentation_facts(mission: Mission) -> dict[str, Any]:
    """Python blocks of the target's own documentation: how many compile, how many of the names they use exist."""
    folder = mission.settings.docs / "upstream" / mission.target.version
    facts: dict[str, Any] = {"pages": 0, "blocks": 0, "compile": 0, "resolve": 0, "problems": []}
    if not folder.is_dir():
        return facts
    api = load_api(mission.target, mission.settings)
    for file in sorted(folder.rglob("*.md")):
        facts["pages"] += 1
        for block in FENCE.findall(file.read_text(encoding="utf-8")):
            count_block(facts, file.relative_to(folder), block, api)
    return facts


def count_block(facts: dict[str, Any], file: Path, block: str, api: Api) -> None:
    """Add one block to the facts."""
    facts["blocks"] += 1
    try:
        ast.parse(block)
    except SyntaxError:
        return  # a fragment, e.g. a body without its function; counted as not compiling
    facts["compile"] += 1
    problems = resolve_names(block, api)
    facts["resolve"] += not problems
    facts["problems"] += [f"{file.as_posix()}: {problem.name}" for problem in problems]


def by_share(share: float) -> int:
    """Score of a share."""
    return next((score for limit, score in SHARES if share >= limit), 1)


def share_score(aspect: str, what: str, good: int, total: int, extra: Mapping[str, Any] | None = None) -> AspectScore:
    """An aspect that is a share of something counted."""
    score = by_share(good / total) if total else None
    return AspectScore(
        aspect=aspect, score=score, formula=f"{what}; {SHARE_FORMULA}", facts={"good": good, "of": total} | dict(extra or {})
    )


def score_all(mission: Mission, facts: Mapping[str, Any], blocks: Mapping[str, Any]) -> list[AspectScore]:
    """The eight aspects."""
    symbols = (mission.workspace.read_json("research/api.json") or {}).get("symbols", [])
    callables = [s for s in symbols if s["kind"] in ("class", "function", "method")]
    mistakes = facts.get("mistakes", [])
    debugging = facts.get("debugging", {})
    extensions = facts.get("extensions", {})
    named = sum(m["names_culprit"] for m in mistakes)
    accepted = listed([m["mistake"] for m in mistakes if not m["refused"]])
    absent_things = listed([what for what, there in debugging.items() if not there])
    documented = sum(bool(s["doc"]) for s in callables)
    return [
        share_score("discoverability", "doc blocks that compile and name only what exists", blocks["resolve"], blocks["compile"]),
        share_score("clarity", "public callables with a docstring", documented, len(callables)),
        share_score("documentation", "doc blocks that compile and name only what exists, of all", blocks["resolve"], blocks["blocks"]),
        share_score("error_messages", "mistakes whose error names the culprit", named, len(mistakes), {"accepted in silence": accepted}),
        share_score("debugging", "things a failing run leaves", sum(debugging.values()), len(debugging), {"missing": absent_things}),
        boilerplate(facts.get("lines", {})),
        share_score("flexibility", "extension points that take effect", sum(extensions.values()), len(extensions)),
        performance(facts.get("cost", {})),
    ]


def listed(names: list[str]) -> str:
    """Names in one line."""
    return ", ".join(names) or "none"


def boilerplate(lines: Mapping[str, int]) -> AspectScore:
    """Lines for the same job against plain asyncio."""
    ratio = lines["framework"] / lines["plain"] if lines else None
    score = None if ratio is None else next((s for limit, s in ((1.0, 5), (1.5, 4), (2.0, 3), (3.0, 2)) if ratio <= limit), 1)
    formula = "lines of one three-stage job / lines in plain asyncio; <= 1: 5, <= 1.5: 4, <= 2: 3, <= 3: 2, else 1"
    return AspectScore(aspect="boilerplate", score=score, formula=formula, facts=dict(lines) | {"ratio": ratio and round(ratio, 2)})


def performance(cost: Mapping[str, float]) -> AspectScore:
    """Milliseconds that the framework adds per stage."""
    added = (cost["framework_ms"] - cost["plain_ms"]) / 3 if cost else None
    score = None if added is None else next((s for limit, s in ((0.05, 5), (0.2, 4), (1.0, 3), (5.0, 2)) if added <= limit), 1)
    formula = "added ms per stage of a three-stage job, median of 200 runs; <= 0.05: 5, <= 0.2: 4, <= 1: 3, <= 5: 2, else 1"
    return AspectScore(
        aspect="performance",
        score=score,
        formula=formula,
        facts={k: round(v, 4) for k, v in cost.items()} | {"added_ms_per_stage": added and round(added, 4)},
    )


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """Eight aspects, each scored from facts."""
    assert isinstance(finished, Evaluation)
    missing = absent(mission, "dx_evaluation/scores.json", "dx_evaluation/evaluation.md")
    return missing + [f"no facts to score {s.aspect}" for s in finished.scores if s.score is None]


PHASE = Phase("evaluate", "eight developer-experience scores from recorded facts", plan, gate)
