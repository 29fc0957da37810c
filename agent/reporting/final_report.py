"""FINAL_REPORT.md, report.html, findings.json and the run's README: projections of the run folder."""

import re
import time
from collections.abc import Mapping
from pathlib import Path

from agent.core.errors import RunDamaged
from agent.core.harmless import json_text
from agent.core.known import REPORTED, WRITTEN
from agent.core.ledger import Ledger
from agent.core.pages import page, page_of
from agent.core.roadmap import Entry, load_entry
from agent.core.settings import Settings
from agent.core.target import Target
from agent.core.workspace import Workspace
from agent.core.written import text_hash
from agent.court.evidence import logged_ids
from agent.reporting.charts import bars, curve
from agent.reporting.facts import RunFacts, gather
from agent.reporting.model_page import ModelFacts, model_facts
from agent.reporting.progress import Progress

FINGERPRINT = re.compile(r"[0-9a-f]{12}")
FOLDER = re.compile(r"\w[\w-]*")
"""Name of a finding's folder."""
SCENARIO = re.compile(r"^(?:async )?def scenario\(", re.MULTILINE)
"""Where a script's own part begins; what it builds on stands before it."""


def write_reports(entry: Entry, workspace: Workspace, target: Target, settings: Settings) -> Path:
    """Write all pages of a run; works on an unfinished run too, and says then what is missing."""
    facts = gather(entry, workspace, target, settings)
    pages = {
        "findings.json": json_text(structured(facts, fingerprints(workspace)), 2) + "\n",
        "README.md": page("run_readme.md.j2", f=facts),
        "report.html": html(facts, workspace),
        "FINAL_REPORT.md": rendered(facts, model_facts(workspace), settings),
    }
    hashes = {name: text_hash(text) for name, text in pages.items()}
    ledger = Ledger(workspace.root)
    ledger.append(REPORTED, str(time.time_ns()), {"files": hashes})
    for name, text in pages.items():
        workspace.write(name, text)
    ledger.append(WRITTEN, str(time.time_ns()), {"files": list(pages)})
    return workspace.path("FINAL_REPORT.md")


def rendered(facts: RunFacts, model: ModelFacts, settings: Settings) -> str:
    """The text of FINAL_REPORT.md."""
    return markdown(facts, settings) + page("model_page.md.j2", m=model)


def markdown(facts: RunFacts, settings: Settings) -> str:
    """The report, from the template at the project's root."""
    return page_of(settings.project, "FINAL_REPORT_TEMPLATE.md", f=facts)


def html(facts: RunFacts, workspace: Workspace) -> str:
    """The same facts as one self-contained page."""
    named = [bug["id"] for bug in facts.findings["bugs"] if FOLDER.fullmatch(bug["id"])]  # a row typed by hand may have any id
    folders = {name: workspace.path(f"findings/{name}") for name in named}
    sources = {name: shown(folder) for name, folder in folders.items() if (folder / "repro.py").exists()}
    return page("report.html.j2", f=facts, sources=sources, charts=charts(facts), m=model_facts(workspace))


def shown(folder: Path) -> str:
    """What a reader wants to see of a finding's script: the minimal one, or else the scenario without the lab code that it stands on."""
    minimal = folder / "repro_min.py"
    if minimal.exists():
        return minimal.read_text(encoding="utf-8")
    text = (folder / "repro.py").read_text(encoding="utf-8")
    start = SCENARIO.search(text)
    return text[start.start() :].strip() if start else text


def charts(facts: RunFacts) -> dict[str, str]:
    """Inline SVG of what was measured; a chart without data is left out."""
    made = {}
    for test in sorted({row["test"] for row in facts.load}):
        steps = [row for row in facts.load if row["test"] == test]
        rates = [float(row["rate_per_second"]) for row in steps]
        latency = {name: [row["latency_ms"].get(name) for row in steps] for name in ("p50", "p95", "p99")}
        made[f"Latency under load, {test}"] = curve(rates, latency, "requests offered a second", "ms from intended start")
        made[f"Degradation, {test}"] = curve(
            rates,
            {"completed": [row["throughput_per_second"] for row in steps], "offered": rates},
            "requests offered a second",
            "completed a second",
        )
    if facts.by_severity:
        made["Findings by severity"] = bars(facts.by_severity)
    if facts.by_component:
        made["Findings by component, the twelve with most"] = bars(facts.by_component)
    return made


def fingerprints(workspace: Workspace) -> dict[str, str]:
    """Id of every logged defect to its fingerprint."""
    return {name: key for key, name in logged_ids(Ledger(workspace.root)).items() if FINGERPRINT.fullmatch(key)}


def open_points(progress: Progress) -> dict[str, object]:
    """What of an unfinished mission is unknown, and what goes on with it."""
    reached = {name: state for name, state in progress.phases if state != "finished"}
    lists = {name: list(getattr(progress, name)) for name in ("tests", "probes", "hypotheses", "sightings")}
    return {"resume": progress.resume, "not_reached": {"phases": reached, **lists}, "proven_not_logged": list(progress.proven)}


def structured(facts: RunFacts, keys: Mapping[str, str]) -> dict[str, object]:
    """findings.json: all kinds together, suspected ones apart; `keys` gives fingerprints by id."""
    listed = [
        {"kind": kind.removesuffix("s") if kind != "dx" else "dx", **({"fingerprint": keys[row["id"]]} if row["id"] in keys else {}), **row}
        for kind, rows in facts.findings.items()
        for row in rows
    ]
    return {
        "run": facts.run,
        "entry": facts.entry.id,
        "target": {"version": facts.target.version, "fingerprint": facts.target.fingerprint},
        "partial": facts.progress.partial,
        **(open_points(facts.progress) if facts.progress.partial else {}),
        "findings": listed,
        "suspected": facts.suspected,
        "unknown": facts.unknown,
    }


def rewrite_reports(workspace: Workspace, settings: Settings) -> Path:
    """Write the reports of an existing run again from its folder alone."""
    return write_reports(*subject_of(workspace, settings), settings)


def read_facts(workspace: Workspace, settings: Settings) -> RunFacts:
    """The facts of an existing run from its folder alone."""
    return gather(*subject_of(workspace, settings), settings)


def subject_of(workspace: Workspace, settings: Settings) -> tuple[Entry, Workspace, Target]:
    """The entry and the target of an existing run, as its configuration names them."""
    config = workspace.read_json("config/run_config.json")
    if not isinstance(config, dict) or not {"entry", "target", "target_version", "identity"} <= config.keys():
        raise RunDamaged(f"{workspace.name}: config/run_config.json holds no configuration")
    entry = load_entry(settings.project / "docs/roadmap", config["entry"], settings.cache)
    missing = Path("absent")
    return entry, workspace, Target(config["target"], config["target_version"], missing, missing, None, config["identity"]["target"])
