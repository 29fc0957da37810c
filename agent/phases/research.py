"""Phase 1: what is known about the worry, from the web, the vendored documentation and the target itself."""

from typing import Any

from agent.core.artifacts import Action, CallResult, PhaseRecord, Research
from agent.core.harmless import json_text
from agent.core.pages import page
from agent.phases.base import Mission, Phase, Plan, absent

GIVE_UP_AFTER = 2
"""Web queries that may fail in a row before the rest is recorded as not tried."""
FILES = ("research/summary.md", "research/search_results.json", "research/citations.json", "research/api.json", "research/hypotheses.json")


def plan(mission: Mission, attempt: int) -> Plan:
    """Search the web first, then read the docs, then inspect the API; write it all down."""
    receipts: list[dict[str, Any]] = []
    for number, query in enumerate(mission.entry.research_queries, 1):
        recent = [r["ok"] for r in receipts[-GIVE_UP_AFTER:]]
        if len(recent) == GIVE_UP_AFTER and not any(recent):
            receipts.append({"query": query, "ok": False, "error": "not tried: the queries before it found no network", "results": []})
            continue
        done = yield Action(id=f"search-{number}", tool="web_search", args={"query": query}, why=f"search the web: {query}")
        receipts.append(receipt(query, done))
    passages: list[dict[str, Any]] = []
    for number, topic in enumerate(mission.entry.docs_topics, 1):
        done = yield Action(id=f"docs-{number}", tool="read_docs", args={"query": topic, "limit": 3}, why=f"read the docs on {topic}")
        passages += [{"topic": topic, **hit} for hit in done.result.get("hits", [])]
    api = yield Action(id="api", tool="inspect_api", args={"limit": 100_000}, why="inspect the public API of the target")
    return record(mission, receipts, passages, api)


def receipt(query: str, done: CallResult) -> dict[str, Any]:
    """One web query as it will be stored."""
    if not done.ok:
        return {"query": query, "ok": False, "error": done.error, "results": []}
    return {"query": query} | done.result


def record(mission: Mission, receipts: list[dict[str, Any]], passages: list[dict[str, Any]], api: CallResult) -> Research:
    """Write the research files and the phase's record."""
    write = mission.workspace.write_json
    write("research/search_results.json", receipts)
    pages = {hit["path"]: {"kind": "documentation", "path": hit["path"], "sha256": hit["sha256"]} for hit in passages}
    web = [{"kind": "search_result", "url": r["url"], "retrieved_at": r["retrieved_at"]} for s in receipts for r in s["results"]]
    write("research/citations.json", [*pages.values(), *web])
    mission.workspace.write("research/api.json", json_text(api.result) + "\n")  # long: not indented
    entry = mission.entry
    plans = [h.model_dump(mode="json") | {"probes": probes_for(mission, h.subsystems)} for h in entry.hypotheses]
    criteria = [c.model_dump(mode="json") for c in entry.success_criteria]
    write("research/hypotheses.json", {"hypotheses": plans, "success_criteria": criteria})
    mission.workspace.write("research/summary.md", summary(mission, receipts, passages, api))
    return Research(
        phase="research",
        artifacts=mission.hashes(*FILES),
        searches=len(receipts),
        searches_answered=sum(bool(r["results"]) for r in receipts),
        passages=len(passages),
        symbols=len(api.result.get("symbols", [])),
        hypotheses=tuple(h.id for h in entry.hypotheses),
    )


def probes_for(mission: Mission, subsystems: tuple[str, ...]) -> list[str]:
    """Ids of the probes that test these subsystems."""
    return [card.id for card in mission.catalogue.values() if card.subsystem in subsystems]


def summary(mission: Mission, receipts: list[dict[str, Any]], passages: list[dict[str, Any]], api: CallResult) -> str:
    """`research/summary.md`: only what was really found, with links."""
    return page(
        "research.md.j2",
        entry=mission.entry,
        target=mission.target,
        receipts=receipts,
        answered=[r for r in receipts if r["results"]],
        passages=passages,
        symbols=len(api.result.get("symbols", [])),
        api_error=api.error,
        broken_modules=api.result.get("failed", []),
        probes={h.id: probes_for(mission, h.subsystems) for h in mission.entry.hypotheses},
    )


def gate(mission: Mission, finished: PhaseRecord) -> list[str]:
    """Everything written, the web at least tried, the docs and the API really read."""
    assert isinstance(finished, Research)
    missing = absent(mission, *FILES)
    if mission.entry.research_queries and not finished.searches:
        missing.append("no web search was tried")
    if not finished.passages:
        missing.append("no documentation passage was read: run `make docs` once with a network")
    if not finished.symbols:
        missing.append("the public API of the target could not be inspected")
    if not finished.hypotheses:
        missing.append("the entry states no hypothesis")
    return missing


PHASE = Phase("research", "what is known: web, documentation, installed API", plan, gate)
