"""The first phases of a mission among hostile texts: in what the search finds, on the pages it reads, and in the answers of its model."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.registry import TOOLS
from tests.hostile.judge import file_effects, markdown_effects, page_effects, screen_effects
from tests.hostile.texts import TEXTS
from tests.hostile.web import HostileWeb
from tests.hostile.world import Said, World, command
from tests.serving import serving

MARK = "hx7"
QUOTE = "This paragraph is what an honest page says about pipelines and their retries."


def replies(world: World) -> list[dict[str, Any]]:
    """Answers that fit their records, with a hostile text in every field that takes one."""
    bodies = itertools.cycle(text.at(world.listeners[0].port) for text in TEXTS.values())

    def words(most: int) -> str:
        return f"{MARK} words {next(bodies)}"[:most].strip()

    def hypothesis(passage: str) -> dict[str, Any]:
        told = {name: words(250) for name in ("statement", "prediction", "refuted_by")}
        return told | {"subsystems": ["context"], "passage": passage, "quote": QUOTE[:60]}

    def suggestion(number: int) -> dict[str, Any]:
        told = {"title": words(150), "description": words(250), "proposed_solution": words(250)}
        return told | {"finding": f"BUG-00{number}", "kind": "improvement", "priority": "P1"}

    rows = [{"kind": "adversarial", "changes": {"tenant": words(300), "id": words(300)}, "why": words(150)} for _ in range(6)]
    code = f"import os\nprint(os.environ, {words(200)!r})\n"
    answers: dict[str, Any] = {
        "queries": {"queries": [words(150) for _ in range(3)]},
        "hypotheses": {"hypotheses": [hypothesis(f"P{number}") for number in (1, 2, 3)]},
        "rows": {"rows": rows},
        "target": {"oracle": "call_accepted", "subject": f"stageflow.{MARK}", "why": words(150)},
        "probe": {"code": code},
        "probe_repair": {"code": code},
        "graph": {"stages": [{"name": "a", "after": [], "returns": "ok", "ms": 0}]},
        "newcomer": {"code": code},
        "newcomer_again": {"code": code},
        "summary": {"text": f"It went well. {words(600)}"},
        "summary_repair": {"text": f"All tests hold. {words(600)}"},
        "suggestions": {"suggestions": [suggestion(number) for number in (1, 2, 3)]},
    }
    return [{"name": name, "reply": answer, "times": 0} for name, answer in answers.items()]


def effects(world: World) -> Iterator[str]:
    """Run it until data are made, report on it as it stands, and tell what the texts effected."""
    script = world.folder / "replies.jsonl"
    script.write_text("".join(json.dumps(reply) + "\n" for reply in replies(world)), encoding="utf-8")
    runs = world.folder / "mission"
    with serving(HostileWeb(world.ports)) as web:
        env = world.environment(STAGEFLOW_AGENT_SEARXNG_URL=web.url, STAGEFLOW_AGENT_FETCH_HOSTS=web.host)
        options = ("--entry", "CORE-001", "--provider", "scripted", "--script", str(script), "--search", "searxng", "--runs", str(runs))
        said = command("-m", "agent", *options, env=env, seconds=300, until=lambda: any(runs.glob("*/*/results/records/simulate.json")))
        asked, host = set(web.asked), web.url
    yield from ended(said, 130)
    for run in runs.glob("*/run-*"):
        yield from ended(command("-m", "agent", "report", str(run), "--runs", str(runs), env=env), 0)
        yield from page_effects((run / "report.html").read_text(encoding="utf-8"))
        for page in ("FINAL_REPORT.md", "research/summary.md"):
            yield from (f"{page}: {effect}" for effect in markdown_effects((run / page).read_text(encoding="utf-8")))
        yield from file_effects(run)
        yield from invented(run, host)
        yield from made(run)
    yield from (f"asked for {name}" for name in asked if name not in ("search", "robots.txt") and not name.startswith("text/"))


def ended(said: Said, code: int) -> Iterator[str]:
    """A command's end and its screen."""
    yield from screen_effects(said)
    if said.code != code:
        yield f"exit code {said.code}: {said.err[-300:]}"


def invented(run: Path, host: str) -> Iterator[str]:
    """Findings and citations that come from a text, and hypotheses whose quote nobody has read."""
    for file in run.glob("*s.json"):
        for row in json.loads(file.read_text(encoding="utf-8")).get("findings", []):
            yield f"{file.name}: {str(row)[:80]}"
    citations = json.loads((run / "research/citations.json").read_text(encoding="utf-8"))
    for url in (str(row["url"]) for row in citations if row.get("url")):
        if not url.startswith(host) and not url.startswith("http"):
            yield f"a citation of {url[:80]}"
    for claim in json.loads((run / "research/model.json").read_text(encoding="utf-8"))["hypotheses"]:
        if claim["quote"] not in QUOTE:
            yield f"a hypothesis that quotes {claim['quote'][:60]}"


def made(run: Path) -> Iterator[str]:
    """Calls that no plan has."""
    for line in (run / "ledger.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] == "call_started" and record["data"]["tool"] not in TOOLS:
            yield f"a call of {record['data']['tool']}"
