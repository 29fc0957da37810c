"""Phase 1, added: further searches, pages that are really read, and hypotheses that quote a passage of them."""

from typing import Any

from agent.core.artifacts import Action, PhaseRecord, Research
from agent.models.added import PASSAGES, RESEARCH, Passage
from agent.models.decisions import Hypotheses, NewHypothesis, Queries
from agent.phases.base import Mission, Plan
from agent.policies.additions import passages
from agent.policies.additions.notes import Step, ask, attempted, noted
from tools.read_page import ReadPageResult

SEARCHES = 2
"""Further searches."""
PLAIN = 12
"""Fewest characters of a quote."""

Rows = list[dict[str, Any]]


def additions(mission: Mission, floor: Research) -> Plan:
    """Search, read, ask for hypotheses; the files link passages and hypotheses both ways."""
    none: Rows = []
    receipts = yield from attempted(searches(mission), none, mission, "research", "further searches")
    planned = mission.workspace.read_json("research/search_results.json") or []
    unread: list[ReadPageResult] = []
    read = yield from attempted(passages.pages(mission, [*receipts, *planned]), unread, mission, "research", "pages of the web")
    documents = yield from passages.documents(mission)
    found = passages.stored(mission, documents, read, words(mission, receipts))
    nothing: Rows = []
    accepted = yield from attempted(hypotheses(mission, found), nothing, mission, "research", "further hypotheses")
    write(mission, receipts, read, found, accepted)
    return with_additions(mission, floor, receipts, read, accepted)


def words(mission: Mission, receipts: Rows) -> str:
    """What a telling passage would speak of."""
    entry = mission.entry
    subsystems = " ".join(entry.subsystems).replace("_", " ")
    return " ".join([entry.title, subsystems, *entry.risks, *(row["query"] for row in receipts)])


def write(mission: Mission, receipts: Rows, read: list[ReadPageResult], found: list[Passage], accepted: Rows) -> None:
    """Write both files; each hypothesis names its passage, each passage its hypotheses."""
    pages = [page.model_dump(mode="json", exclude={"passages"}) | {"passages": len(page.passages)} for page in read]
    mission.workspace.write_json(RESEARCH, {"searches": receipts, "pages": pages, "hypotheses": accepted})
    quoted: dict[str, tuple[str, ...]] = {}
    for row in accepted:
        quoted[row["passage"]] = (*quoted.get(row["passage"], ()), row["id"])
    linked = (passage.model_copy(update={"hypotheses": quoted.get(passage.id, ())}) for passage in found)
    mission.workspace.write(PASSAGES, "".join(f"{passage.model_dump_json()}\n" for passage in linked))


def with_additions(mission: Mission, floor: Research, receipts: Rows, read: list[ReadPageResult], accepted: Rows) -> PhaseRecord:
    """The floor's record, and what was added."""
    return floor.model_copy(
        update={
            "artifacts": mission.hashes(RESEARCH, PASSAGES) | floor.artifacts,
            "searches": floor.searches + len(receipts),
            "searches_answered": floor.searches_answered + sum(bool(r["results"]) for r in receipts),
            "pages": floor.pages + sum(page.ok for page in read),
            "hypotheses": floor.hypotheses + tuple(row["id"] for row in accepted),
        }
    )


def searches(mission: Mission) -> Step[Rows]:
    """Receipts of further searches; none when the web did not answer the playbook's either."""
    planned = mission.workspace.read_json("research/search_results.json") or []
    if planned and not any(row["results"] for row in planned):
        return []
    entry = mission.entry
    slots = {"title": entry.title, "industry": entry.industry, "worry": entry.risks[0] if entry.risks else entry.title}
    answer = yield from ask(Queries, "queries", slots | {"planned": list(entry.research_queries)}, "which searches to add")
    receipts: Rows = []
    for number, query in enumerate(answer.queries[:SEARCHES] if answer else (), 1):
        done = yield Action(id=f"model-search-{number}", tool="web_search", args={"query": query}, why=f"search the web: {query}")
        found = done.result.get("results", []) if done.ok else []
        receipts.append(
            {"query": query, "ok": bool(done.result.get("ok")), "results": found, "error": done.error or done.result.get("error", "")}
        )
    return receipts


def hypotheses(mission: Mission, found: list[Passage]) -> Step[Rows]:
    """Hypotheses that hold: a prediction, a refutation, subsystems that exist, and a quote that stands in the passage it names."""
    entry = mission.entry
    known = sorted({card.subsystem for card in mission.catalogue.values()})
    have = [h.statement for h in entry.hypotheses]
    slots = {
        "title": entry.title,
        "industry": entry.industry,
        "have": have,
        "subsystems": known,
        "untested": [name for name in known if name not in entry.subsystems],
        "passages": [{"id": p.id, "text": p.text} for p in found if p.shown],
    }
    answer = yield from ask(Hypotheses, "hypotheses", slots, "which hypotheses to add")
    accepted: Rows = []
    for number, proposed in enumerate(answer.hypotheses if answer else (), 1):
        if why := unfounded(proposed, found, known, [*have, *(row["statement"] for row in accepted)]):
            noted(mission, "research", f"hypothesis {number}", why)
        else:
            accepted.append({"id": f"{entry.id}-M{len(accepted) + 1}"} | proposed.model_dump(mode="json"))
    return accepted


def unfounded(proposed: NewHypothesis, found: list[Passage], known: list[str], have: list[str]) -> str:
    """Why a hypothesis is not taken; empty when it is."""
    if unknown := [name for name in proposed.subsystems if name not in known]:
        return f"there is no subsystem {', '.join(unknown)}"
    if len({same(proposed.statement), same(proposed.prediction), same(proposed.refuted_by)}) < 3:
        return "statement, prediction and refutation are not three different things"
    if same(proposed.statement) in map(same, have):
        return "it is there already"
    text = next((p.text for p in found if p.shown and p.id == proposed.passage), None)
    if text is None:
        return f"there is no passage {proposed.passage}"
    if len(proposed.quote) < PLAIN or " ".join(proposed.quote.split()) not in " ".join(text.split()):
        return f"the quote does not stand in passage {proposed.passage}"
    return ""


def same(text: str) -> str:
    """A sentence without what does not matter for comparing."""
    return " ".join(text.lower().split()).rstrip(".")
