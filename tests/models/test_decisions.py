"""Every question with its answer fits a free tier's limit, for the entries that are shown, whatever stands in the run."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agent.core.roadmap import Entry, load_entry
from agent.core.settings import Settings
from agent.court.catalogue import load_catalogue
from agent.court.newcomer import TASKS
from agent.court.written import AREA, ORACLES
from agent.court.written_gate import MODULES
from agent.models.decision import Form, Renderer
from agent.models.decisions import DECISIONS
from agent.policies.additions.evaluate import ATTEMPTS
from agent.policies.additions.simulate import described

SETTINGS = Settings.load({})
ROOT = SETTINGS.project
CATALOGUE = load_catalogue(ROOT / "components")
LIMIT = SETTINGS.call_tokens
GOOD = Path(__file__).parent / "replies" / "good.jsonl"
SIGNATURE = "stageflow.pipeline.interceptors.RetryInterceptor: class RetryInterceptor(" + "max_attempts: int = 3, " * 7 + ") -> None"


def slots_of(name: str, entry: Entry) -> dict[str, Any]:
    """The question's slots at the size they have at most."""
    statements = [h.statement for h in entry.hypotheses] + ["A further hypothesis of the usual length, which says what may go wrong."] * 3
    subsystems = sorted({card.subsystem for card in CATALOGUE.values()})
    probe = {
        "claim": CATALOGUE["written/call_accepted"].claim,
        "subject": "stageflow.context.ContextSnapshot",
        "takes": ORACLES["written/call_accepted"].takes,
        "api": [SIGNATURE] * 14,
    }
    code = "\n".join(["    value = StageOutput.ok(amount=1, currency='EUR')"] * 40)
    newcomer = {"task": max((task for task, _ in TASKS.values()), key=len), "wanted": "pricing", "page": "Words of a first page. " * 35}
    table = "\n".join(["BUG-001 | critical | stageflow.pipeline.dag.UnifiedStageGraph.run | " + "words of a title " * 8] * 19)
    slots: dict[str, dict[str, Any]] = {
        "queries": {"title": entry.title, "industry": entry.industry, "worry": entry.risks[0], "planned": list(entry.research_queries)},
        "hypotheses": {
            "title": entry.title,
            "industry": entry.industry,
            "have": statements,
            "subsystems": subsystems,
            "untested": subsystems,
            "passages": [{"id": f"P{n}", "text": "A passage of text. " * 22} for n in range(8)],
        },
        "rows": {
            "title": entry.title,
            "fields": [described(f) for f in entry.workload.fields],
            "example": json.dumps({f.name: "x" * 20 for f in entry.workload.fields}),
            "have": ["lowest", "unicode"] * 6,
            "changeable": [f.name for f in entry.workload.fields],
        },
        "target": {
            "title": entry.title,
            "hypotheses": statements,
            "oracles": [{"name": o.removeprefix(AREA), "claim": CATALOGUE[o].claim} for o in ORACLES],
            "names": ["stageflow.observability.SomeLongNameOfAClass (call_accepted, with and without its type parameter)"] * 30,
            "tried": ["call_accepted of stageflow.context.ContextSnapshot"] * 3,
        },
        "probe": probe | {"modules": list(MODULES), "example": code[:900]},
        "probe_repair": probe | {"api": [SIGNATURE] * 8, "code": code, "problem": "word " * 180},
        "graph": {"title": entry.title, "tried": ["results_agree"] * 3},
        "newcomer": newcomer,
        "newcomer_again": newcomer | {"code": code[:1100], "problem": "word " * 80},
        "summary": {"table": table},
        "summary_repair": {"table": table, "text": "word " * 180, "problem": "it says 9999, which the table does not"},
        "suggestions": {"title": entry.title, "industry": entry.industry, "table": table},
    }
    return slots[name]


@pytest.mark.parametrize("entry_id", ["FIN-001", "CORE-001", "GUARD-001"])
@pytest.mark.parametrize("name", DECISIONS)
def test_a_question_and_its_answer_fit(name: str, entry_id: str) -> None:
    entry = load_entry(ROOT / "docs/roadmap", entry_id, SETTINGS.cache)
    prompt = Renderer(ROOT / "prompts" / "decisions").whole(DECISIONS[name], slots_of(name, entry), Form())
    assert prompt.tokens + prompt.request.max_tokens < LIMIT
    assert entry.id not in prompt.request.messages[0].content


def test_a_mission_fits_its_budget() -> None:
    """Each decision as often as a mission asks it at most, no answer in the first form."""
    entry = load_entry(ROOT / "docs/roadmap", "FIN-001", SETTINGS.cache)
    times = {"target": 3, "probe": 3, "probe_repair": 6, "newcomer": len(TASKS), "newcomer_again": len(TASKS) * (ATTEMPTS - 1)}
    renderer = Renderer(ROOT / "prompts" / "decisions")
    total = 0
    for name, decision in DECISIONS.items():
        prompt = renderer.whole(decision, slots_of(name, entry), Form())
        total += (prompt.tokens + prompt.request.max_tokens) * times.get(name, 1)
    assert total < SETTINGS.mission_tokens


def test_answers_of_the_good_script_have_their_form() -> None:
    for line in GOOD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        decision = DECISIONS[row["name"]]
        if decision.form == "json":
            decision.answer.model_validate(row["reply"])
        else:
            assert row["reply"].startswith("```python")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("queries", {"queries": []}),
        ("queries", {"queries": ["x" * 500]}),
        ("hypotheses", {"hypotheses": [{"statement": "short"}]}),
        ("target", {"oracle": "anything_goes", "subject": "stageflow", "why": "because"}),
        ("graph", {"stages": [{"name": "a", "returns": "hang", "ms": 1}]}),
        ("graph", {"stages": [{"name": "a", "returns": "ok", "ms": 10**9}]}),
        ("summary", {"text": "x" * 5000}),
        ("suggestions", {"suggestions": [{"finding": "none"}]}),
        ("probe", {"code": "x" * 10_000}),
    ],
)
def test_answers_are_bounded(name: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DECISIONS[name].answer.model_validate(wrong)
