"""Lets every hostile text in through a real door of the agent, and says what each effected."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.harmless import json_text
from agent.reporting.junit import junit
from agent.reporting.sarif import sarif
from tests.hostile.chromium import CHROMIUM, rendered, tags, title_of
from tests.hostile.judge import cost_effects, file_effects, markdown_effects, page_effects, screen_effects, spoken, xml_effects
from tests.hostile.mission import effects as effects_of_mission
from tests.hostile.texts import TEXTS
from tests.hostile.web import ELSEWHERE, UNENDING, WAYS, HostileWeb
from tests.hostile.world import World, command
from tests.reporting.test_junit import finding, result
from tests.serving import serving

SECONDS = 3.0
"""Limit of a call."""
MEMORY = 700.0
"""Megabytes of the largest process of a door."""
HAND_TYPED = ("../../../../hx7", 'BUG-900"><script>hx7</script>', "BUG-9|1)", "javascript:hx7")
"""Ids that somebody types into a finding file."""
LATE = 2.5
"""Seconds on top of a call's limit: start and end of its process on a busy machine."""
FEW = ("gzip-twice", "endless-headers")
FEW_PLACES = ("loopback", "metadata")
"""What the tests play by default; the command plays everything."""


@dataclass(frozen=True)
class Row:
    """One text, where it came in, and what it effected: nothing, when all is well."""

    text: str
    kind: str
    door: str
    effects: tuple[str, ...]


def rows(door: str, effects: Iterable[str], names: Iterable[str] = tuple(TEXTS)) -> Iterator[Row]:
    """Rows of texts that came in together: what they effected is told of each."""
    found = tuple(dict.fromkeys(effects))
    yield from (Row(name, TEXTS[name].kind, door, found) for name in names)


def unchanged(world: World, before: dict[str, str]) -> Iterator[str]:
    """What happened outside."""
    after = world.outside()
    yield from (f"changed: {path}" for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path))
    yield from (f"reached a listener: {words[:60]!r}" for words in world.reached())


def results_and_pages(world: World) -> Iterator[Row]:
    """All texts as search results, and as paragraphs of one page."""
    before = world.outside()
    with serving(HostileWeb(world.ports)) as web:
        own = {"STAGEFLOW_AGENT_SEARCH": "searxng", "STAGEFLOW_AGENT_SEARXNG_URL": web.url, "STAGEFLOW_AGENT_FETCH_HOSTS": web.host}
        env = world.environment(**own)
        plain = command("-m", "agent", "tool", "web_search", "--query", "pipelines", "--max-results", "50", env=env)
        data = command("-m", "agent", "tool", "web_search", "--query", "pipelines", "--max-results", "50", "--json", env=env)
        answer = json.loads(data.out)
        effects = [*screen_effects(plain), *screen_effects(data), *cost_effects(plain, 15, MEMORY)]
        effects += [] if answer["ok"] and answer["results"][0]["title"] == "honest" else ["the honest result is lost"]
        addresses = [row["url"] for row in answer["results"] if not row["url"].startswith(f"{web.url}/text/")]
        effects += [f"an address that was no result: {url[:80]}" for url in addresses if not url.startswith("http")]
        yield from rows("search result", [*effects, *unchanged(world, before)])
        for page, names in (("all", set(TEXTS) - set(UNENDING)), ("unending", UNENDING)):
            args = ("tool", "read_page", "--url", f"{web.url}/text/{page}", "--seconds", "10")
            read = command("-m", "agent", *args, env=env)
            effects = [*screen_effects(read), *cost_effects(read, 15, MEMORY)]
            effects += [f"asked for {name}" for name in set(web.asked) - {"search", "robots.txt", "text/all", "text/unending"}]
            effects += ["the honest paragraph is lost"] if page == "all" and "what an honest page says" not in read.out else []
            yield from rows("web page", [*effects, *unchanged(world, before)], names)


def transport(world: World, everything: bool) -> Iterator[Row]:
    """Every way to misuse HTTP, as a page and as the answer of a search; and every address where nobody may be sent."""
    ways, places = (WAYS, ELSEWHERE) if everything else (FEW, FEW_PLACES)
    before = world.outside()
    with serving(HostileWeb(world.ports)) as web:
        orders = [order(world, web, way, f"{web.url}/{way}", way) for way in ways]
        orders += [order(world, web, f"redirect to {name}", f"{web.url}/to/{name}", f"to-{name}") for name in places]
        orders += [direct(world, name, ELSEWHERE[name].format(**world.ports)) for name in places if name != "scheme-relative"]
        flat = [one for pair in orders for one in pair]
        file = world.folder / "orders.json"
        file.write_text(json.dumps(flat), encoding="utf-8")
        said = command("-m", "tests.hostile.calls", str(file), env=world.environment(), seconds=240)
        outside = [*screen_effects(said), *cost_effects(said, 240, MEMORY), *unchanged(world, before)]
        answers = json.loads(said.out) if not said.code else []
        outside += [] if len(answers) == len(flat) else [f"exit code {said.code}: {said.err[-200:]}"]
    for asked, got in zip(flat, answers, strict=False):
        late = got["seconds"] > SECONDS + LATE
        effects = [*outside, *([f"{got['seconds']:.1f} s, allowed {SECONDS:g}"] if late else []), *taken(got["result"])]
        yield Row(
            asked["name"],
            "addresses" if "address" in asked["door"] or "redirect" in asked["name"] else "transport",
            asked["door"],
            tuple(effects),
        )


def taken(answer: dict[str, Any]) -> Iterator[str]:
    """What of a hostile answer was taken for words that were read."""
    words = json.dumps([answer.get("passages"), answer.get("results")])
    if "hx7" in words or "root:" in words or "security-credentials" in words:
        yield "it was taken for an answer"
    yield from spoken(json_text(answer))


def order(world: World, web: HostileWeb, name: str, page: str, search: str) -> list[dict[str, Any]]:
    """A page, and a search whose instance answers in the same way."""
    common = {"search": "searxng", "fetch_hosts": [web.host]}
    asked = {"query": name, "seconds": SECONDS}
    return [
        {"name": name, "door": "web page", "tool": "read_page", "args": {"url": page, "seconds": SECONDS}, "settings": common},
        {
            "name": name,
            "door": "search answer",
            "tool": "web_search",
            "args": asked,
            "settings": common | {"searxng_url": f"{web.url}/way/{search}"},
        },
    ]


def direct(world: World, name: str, url: str) -> list[dict[str, Any]]:
    """An address as a search result would give it."""
    args = {"url": url, "seconds": SECONDS}
    return [{"name": name, "door": "address of a page", "tool": "read_page", "args": args, "settings": {"search": "searxng"}}]


def documentation(world: World) -> Iterator[Row]:
    """All texts as sections of a documentation page."""
    before = world.outside()
    folder = world.folder / "docs/upstream/1.2.0/docs"
    folder.mkdir(parents=True)
    text = "".join(f"## Section {name} {body.at(1)[:200]}\n\npipeline {body.at(1)} pipeline\n\n" for name, body in TEXTS.items())
    (folder / "page.md").write_bytes(text.encode("utf-8", "surrogatepass"))
    said = command("-m", "tests.hostile.calls", "docs", str(world.folder / "docs"), "pipeline section", env=world.environment())
    lost = [] if said.out.count("upstream/1.2.0/docs/page.md") else ["the page is not found"]
    yield from rows("documentation", [*screen_effects(said), *cost_effects(said, 15, MEMORY), *lost, *unchanged(world, before)])


def docstrings(world: World) -> Iterator[Row]:
    """All texts as docstrings, values and log lines of a target."""
    before = world.outside()
    package = world.folder / "target/stageflow"
    package.mkdir(parents=True)
    lines = ["import sys", "__version__ = '1.2.0'"]
    for number, (name, text) in enumerate(TEXTS.items()):
        lines += [
            f"def told_{number}(a={text.at(1)[:300]!a}):",
            "    'x'",
            f"told_{number}.__doc__ = {name + ' ' + text.at(1)!a}",
        ]
        lines += [f"sys.stdout.write({text.at(1)[:500]!a}.encode('utf-8', 'replace').decode() + chr(10))"]
    (package / "__init__.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    args = ("-m", "agent", "tool", "inspect_api", "--target", str(world.folder / "target"))
    plain, data = command(*args, env=world.environment()), command(*args, "--json", env=world.environment())
    effects = [*screen_effects(plain), *screen_effects(data), *cost_effects(plain, 30, MEMORY)]
    effects += [] if plain.code == 0 and plain.out.count("told_") >= len(TEXTS) else [f"not inspected: {plain.err[-200:]}"]
    yield from rows("docstring", [*effects, *unchanged(world, before)])


def logs(world: World) -> Iterator[Row]:
    """All texts as log lines, in the forms that the analysis knows."""
    before = world.outside()
    run = made_run(world, "run-2026-01-01-002")
    forms = ("{}", "2026-01-01 00:00:00,000 ERROR stageflow.x: {}", "Traceback (most recent call last):\nValueError: {}")
    bodies = [text.at(1) for text in TEXTS.values()]
    lines = [form.format("{}").replace("{}", body) for body in bodies for form in forms]
    lines += [json.dumps({"level": "ERROR", "message": body, "logger": body[:80], "request_id": body[:60]}) for body in bodies]
    (run / "results/logs").mkdir(parents=True)
    (run / "results/logs/x.log").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    args = ("--run", str(run), "--log", "results/logs/x.log", "--name", "x")
    said = command("-m", "agent", "tool", "analyze_logs", *args, env=world.environment(STAGEFLOW_AGENT_RUNS=str(world.folder / "runs")))
    page = (run / "results/logs/x_analysis.md").read_text(encoding="utf-8")
    effects = [*screen_effects(said), *cost_effects(said, 20, MEMORY), *file_effects(run), *markdown_effects(page)]
    yield from rows("log line", [*effects, *unchanged(world, before)])


def made_run(world: World, name: str) -> Path:
    """The folder of a run that has only begun."""
    run = world.folder / "runs/CORE-001" / name
    (run / "config").mkdir(parents=True)
    config = {"entry": "CORE-001", "target": "installed", "target_version": "1.2.0", "identity": {"target": "0" * 16}}
    (run / "config/run_config.json").write_text(json.dumps(config), encoding="utf-8")
    return run


def entry_of(kind: str, body: str) -> dict[str, str]:
    """A finding whose every free field is the text."""
    fixed = {
        "strength": {"evidence": body},
        "bug": {"type": "bug", "severity": "high", "reproduction": body, "expected_behavior": body, "actual_behavior": body, "recommendation": body},
        "dx": {"category": "documentation", "severity": "low", "recommendation": body},
        "improvement": {"type": "improvement", "priority": "P1", "category": body, "proposed_solution": body},
    }[kind]  # fmt: skip
    common = {"title": body[:2000], "description": body, "component": body[:500], "context": body, "impact": body}
    return {name: text for name, text in (common | fixed).items() if kind != "improvement" or name not in ("component", "impact")}


def findings(world: World) -> Iterator[Row]:
    """All texts as findings that somebody logs, and as rows that somebody types into the files."""
    before = world.outside()
    run = made_run(world, "run-2026-01-01-001")
    env = world.environment(STAGEFLOW_AGENT_RUNS=str(world.folder / "runs"))
    kinds = {"markup": ("bug", "strength", "dx", "improvement")}
    orders = [(kind, entry_of(kind, text.at(port(world)))) for text in TEXTS.values() for kind in kinds.get(text.kind, ("bug",))]
    file = world.folder / "findings.json"
    file.write_text(json.dumps(orders), encoding="utf-8")
    logged = command("-m", "tests.hostile.logging_findings", str(file), str(run), env=env)
    typed = json.loads((run / "bugs.json").read_text(encoding="utf-8"))
    typed["findings"] += [typed["findings"][0] | {"id": name} for name in HAND_TYPED]
    (run / "bugs.json").write_text(json.dumps(typed), encoding="utf-8")
    args = ("--file", "bug", "--agent", "tester", "--run", str(run), "--entry", json.dumps(orders[0][1]))
    by_hand = command("add_finding.py", *args, env=env)
    report = command("-m", "agent", "report", str(run), env=env)
    table = command("-m", "agent", "findings", str(run), env=env)
    data = command("-m", "agent", "findings", str(run), "--json", env=env)
    of_all = [
        command("-m", "agent", "findings", *words.split(), env=env) for words in ("list", "export --format csv", "export --format markdown")
    ]
    campaign = command("-m", "agent", "report", "--campaign", env=env)
    said = (logged, by_hand, report, table, data, campaign, *of_all)
    effects = [effect for one in said for effect in (*screen_effects(one), *cost_effects(one, 30, MEMORY))]
    effects += [f"{one.err[-200:]}" for one in said if one.code]
    if not report.code:
        html, text = (run / "report.html").read_text(encoding="utf-8"), (run / "FINAL_REPORT.md").read_text(encoding="utf-8")
        effects += [*page_effects(html), *markdown_effects(text, sections=15), *file_effects(run)]
    yield from rows("finding", [*effects, *unchanged(world, before)])


def port(world: World) -> int:
    """Where active text would report to."""
    return world.listeners[0].port


def browser(world: World) -> Iterator[Row]:
    """The page with all texts in a real browser."""
    title = "CORE-001"
    page = world.folder / "runs/CORE-001/run-2026-01-01-001/report.html"
    seen = rendered(page, world.folder)
    effects = [] if title in title_of(seen) else [f"the title is {title_of(seen)!r}"]
    effects += [f"active: {word}" for word in ("<script", "<iframe", "onerror=", "onload=", "onmouseover=") if word in tags(seen)]
    yield from rows("Chromium", [*effects, *(f"reached a listener: {words[:60]!r}" for words in world.reached())])


def exchange_files(world: World) -> Iterator[Row]:
    """All texts as findings in SARIF and JUnit files."""
    for name, text in TEXTS.items():
        body = text.at(1)
        made = finding(
            title=body, component=body, expected=body, observed=body, reason=body, claim={"text": body, "source": body}, fingerprint=name
        )
        unknown = {"probe": "retry/x", "case": body, "reason": body}
        whole = result(findings=[made], unknown_cases=[unknown])
        listed = json_text(sarif(whole, {}, None), 2)
        effects = [*xml_effects(junit(whole)), *spoken(listed)]
        effects += [] if len(json.loads(listed)["runs"][0]["results"]) == 1 else ["another number of results"]
        yield Row(name, text.kind, "SARIF, JUnit", tuple(effects))


def mission(world: World) -> Iterator[Row]:
    """All texts around the first phases of a mission and in its model's answers."""
    before = world.outside()
    yield from rows("mission", [*effects_of_mission(world), *unchanged(world, before)])


def played(world: World, everything: bool) -> Iterator[Row]:
    """Every text through every door that needs no mission."""
    yield from results_and_pages(world)
    yield from transport(world, everything)
    yield from documentation(world)
    yield from docstrings(world)
    yield from logs(world)
    yield from findings(world)
    yield from browser(world) if CHROMIUM else ()
    yield from exchange_files(world)
    yield from mission(world) if everything else ()
