"""Commands that only look at the roadmap, runs and findings, or write a run's report again."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from agent.commands.runs import bugs, config_of, find_run, is_finished
from agent.commands.screen import Screen
from agent.core.approvals import open_question
from agent.core.artifacts import RECORDS
from agent.core.records import finished_phases
from agent.core.settings import Settings
from agent.core.workspace import Workspace, folder_structure, list_runs

FINDING_FILES = {"bug": "bugs.json", "dx": "dx.json", "improvement": "improvements.json", "strength": "strengths.json"}


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Dispatch by name."""
    match args.command:
        case "graph":
            return graph()
        case "folder-structure":
            sys.stdout.write(folder_structure())
            return 0
        case "roadmap":
            from agent.commands.roadmap import roadmap

            return roadmap(args, settings)
        case "runs":
            return runs(args.run, settings, args.json)
        case "findings":
            return findings(args.run or "", settings, args.json)
        case "trace":
            from agent.commands.trace import send, trace

            return send(args.run or "", args.send, settings) if args.send else trace(args.run or "", args.json, settings)
        case _:
            return report(args.run or "", settings)


def output(rows: Sequence[dict[str, Any]], title: str, as_json: bool) -> None:
    """Rows as a table or as JSON."""
    if as_json:
        sys.stdout.write(json.dumps(list(rows), indent=2, ensure_ascii=False) + "\n")
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0] if rows else ():
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(value).replace("[", "\\[") for value in row.values()))
    Screen().print(table if rows else f"{title}: none")


def graph() -> int:
    """The state machine, seven phases with their inner loops, as Mermaid."""
    from agent.graph import mission_graph  # LangGraph takes over a second to import
    from agent.registry import TOOLS

    sys.stdout.write(mission_graph(TOOLS, None).get_graph(xray=1).draw_mermaid())
    return 0


def runs(name: str | None, settings: Settings, as_json: bool) -> int:
    """All runs, or one."""
    chosen = [find_run(name, settings.runs)] if name else list_runs(settings.runs)
    rows = [
        {
            "run": f"{w.root.parent.name}/{w.root.name}",
            "target": config_of(w).get("target_version", "?"),
            "phases": f"{len(finished_phases(w))}/7",
            "state": state_of(w),
            "bugs": len(bugs(w)),
        }
        for w in chosen
    ]
    output(rows, "Runs", as_json)
    return 0


def state_of(workspace: Workspace) -> str:
    """Where a run stands, in words."""
    if is_finished(workspace):
        return "finished"
    asked = open_question(workspace)
    if asked is None:
        return "stopped or running"
    return "waiting for approval" if asked.status == "waiting" else "ended by a person"


def findings(name: str, settings: Settings, as_json: bool) -> int:
    """Findings of a run."""
    workspace = find_run(name, settings.runs)
    rows = []
    for kind, file in FINDING_FILES.items():
        for row in (workspace.read_json(file) or {}).get("findings", []):
            level = row.get("severity") or row.get("priority") or row.get("impact", "")
            rows.append(
                {
                    "id": row["id"],
                    "kind": kind,
                    "level": level,
                    "component": row.get("component", row.get("category", "")),
                    "title": row["title"],
                }
            )
    output(rows, f"Findings of {workspace.root.parent.name}/{workspace.root.name}", as_json)
    return 0


def report(name: str, settings: Settings) -> int:
    """Write the report again from what is in the run folder, finished or not; a mission that works on it is not disturbed."""
    from agent.reporting.final_report import rewrite_reports

    workspace = find_run(name, settings.runs)
    before = finished_phases(workspace)
    path = rewrite_reports(workspace, settings)
    if len(before) < len(RECORDS) == len(finished_phases(workspace)):  # it came to its end meanwhile: not half of it over the whole
        path = rewrite_reports(workspace, settings)
    sys.stdout.write(f"{path}\n")
    return 0
