"""Phase 1, added: further searches, and hypotheses that quote a passage which was really read."""

import hashlib
from typing import Any

from agent.core.artifacts import Action, PhaseRecord, Research
from agent.models.added import RESEARCH
from agent.models.decisions import Hypotheses, NewHypothesis, Queries
from agent.models.foreign import neutral
from agent.phases.base import Mission, Plan
from agent.policies.additions.notes import Step, ask, attempted, noted

SEARCHES, PASSAGES, LENGTH = 2, 8, 420
"""Further searches, passages shown to the model, and characters of each."""
TELLING = 100
"""Fewest characters of an excerpt that is worth showing, if there is one."""
PLAIN = 12
"""Fewest characters of a quote."""

Passage = dict[str, Any]


def additions(mission: Mission, floor: Research) -> Plan:
    """Search, read again what the playbook read, ask for hypotheses; the file links passages and hypotheses both ways."""
    none: list[dict[str, Any]] = []
    receipts = yield from attempted(searches(mission), none, mission, "research", "further searches")
    passages = yield from gathered(mission, receipts)
    nothing: list[dict[str, Any]] = []
    accepted = yield from attempted(hypotheses(mission, passages), nothing, mission, "research", "further hypotheses")
    for passage in passages:
        passage["claims"] = [row["id"] for row in accepted if row["passage"] == passage["id"]]
    mission.workspace.write_json(RESEARCH, {"searches": receipts, "passages": passages, "hypotheses": accepted})
    return with_additions(mission, floor, receipts, accepted)


def with_additions(mission: Mission, floor: Research, receipts: list[dict[str, Any]], accepted: list[dict[str, Any]]) -> PhaseRecord:
    """The floor's record, and what was added."""
    return floor.model_copy(
        update={
            "artifacts": mission.hashes(RESEARCH) | floor.artifacts,
            "searches": floor.searches + len(receipts),
            "searches_answered": floor.searches_answered + sum(bool(r["results"]) for r in receipts),
            "hypotheses": floor.hypotheses + tuple(row["id"] for row in accepted),
        }
    )


def searches(mission: Mission) -> Step[list[dict[str, Any]]]:
    """Receipts of further searches; none when the web did not answer the playbook's either."""
    planned = mission.workspace.read_json("research/search_results.json") or []
    if planned and not any(row["results"] for row in planned):
        return []
    entry = mission.entry
    slots = {"title": entry.title, "industry": entry.industry, "worry": entry.risks[0] if entry.risks else entry.title}
    answer = yield from ask(Queries, "queries", slots | {"planned": list(entry.research_queries)}, "which searches to add")
    receipts: list[dict[str, Any]] = []
    for number, query in enumerate(answer.queries[:SEARCHES] if answer else (), 1):
        done = yield Action(id=f"model-search-{number}", tool="web_search", args={"query": query}, why=f"search the web: {query}")
        found = done.result.get("results", []) if done.ok else []
        receipts.append(
            {"query": query, "ok": bool(done.result.get("ok")), "results": found, "error": done.error or done.result.get("error", "")}
        )
    return receipts


def gathered(mission: Mission, receipts: list[dict[str, Any]]) -> Step[list[Passage]]:
    """Passages with where they are from; documentation pages and excerpts of search engines by turns, instructions in them taken out."""
    pages: list[Passage] = []
    for number, topic in enumerate(mission.entry.docs_topics, 1):  # the playbook's own calls: committed, so nothing is read twice
        done = yield Action(id=f"docs-{number}", tool="read_docs", args={"query": topic, "limit": 3}, why=f"read the docs on {topic}")
        pages += [passage(hit["link"], hit["excerpt"], hit["sha256"], "") for hit in telling(done.result.get("hits", []))]
    planned = mission.workspace.read_json("research/search_results.json") or []
    web = [passage(r["url"], r["snippet"], "", r["retrieved_at"]) for s in [*receipts, *planned] for r in s["results"][:1] if r["snippet"]]
    chosen = {
        row["text"]: row for pair in zip([*web, *[None] * len(pages)], [*pages, *[None] * len(web)], strict=True) for row in pair if row
    }
    return [row | {"id": f"P{number}"} for number, row in enumerate(list(chosen.values())[:PASSAGES], 1)]


def telling(hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best hit that says more than its title, or else the best one."""
    return [next((hit for hit in hits if len(hit["excerpt"]) >= TELLING), hits[0])] if hits else []


def passage(place: str, text: str, sha256: str, retrieved_at: str) -> Passage:
    """A passage as it is stored and shown."""
    clean, removed = neutral(text[:LENGTH])
    own = hashlib.sha256(clean.encode()).hexdigest()
    return {
        "place": place,
        "page_sha256": sha256,
        "retrieved_at": retrieved_at,
        "text": clean,
        "sha256": own,
        "instructions_removed": removed,
    }


def hypotheses(mission: Mission, passages: list[Passage]) -> Step[list[dict[str, Any]]]:
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
        "passages": [{"id": p["id"], "text": p["text"]} for p in passages],
    }
    answer = yield from ask(Hypotheses, "hypotheses", slots, "which hypotheses to add")
    accepted: list[dict[str, Any]] = []
    for number, proposed in enumerate(answer.hypotheses if answer else (), 1):
        if why := unfounded(proposed, passages, known, [*have, *(row["statement"] for row in accepted)]):
            noted(mission, "research", f"hypothesis {number}", why)
        else:
            accepted.append({"id": f"{entry.id}-M{len(accepted) + 1}"} | proposed.model_dump(mode="json"))
    return accepted


def unfounded(proposed: NewHypothesis, passages: list[Passage], known: list[str], have: list[str]) -> str:
    """Why a hypothesis is not taken; empty when it is."""
    if unknown := [name for name in proposed.subsystems if name not in known]:
        return f"there is no subsystem {', '.join(unknown)}"
    if len({same(proposed.statement), same(proposed.prediction), same(proposed.refuted_by)}) < 3:
        return "statement, prediction and refutation are not three different things"
    if same(proposed.statement) in map(same, have):
        return "it is there already"
    text = next((p["text"] for p in passages if p["id"] == proposed.passage), None)
    if text is None:
        return f"there is no passage {proposed.passage}"
    if len(proposed.quote) < PLAIN or " ".join(proposed.quote.split()) not in " ".join(text.split()):
        return f"the quote does not stand in passage {proposed.passage}"
    return ""


def same(text: str) -> str:
    """A sentence without what does not matter for comparing."""
    return " ".join(text.lower().split()).rstrip(".")
