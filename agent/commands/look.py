"""Commands that only look at runs and findings, or write a run's report again."""

import argparse
import sys

from agent.commands.runs import bugs, config_of, find_run, is_finished
from agent.commands.tables import one_name, output
from agent.core.approvals import open_question
from agent.core.artifacts import RECORDS
from agent.core.errors import RunDamaged, UsageError
from agent.core.integrity import check_run
from agent.core.locks import held
from agent.core.records import finished_phases
from agent.core.settings import Settings
from agent.core.workspace import HINT, Workspace, folder_structure, list_runs

REWRITTEN = ("checkpoints.sqlite", "FINAL_REPORT.md", "report.html", "findings.json", "README.md")
"""Damage of these touches no report that is written again."""


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Dispatch by name."""
    match args.command:
        case "graph":
            return graph()
        case "folder-structure":
            sys.stdout.write(folder_structure())
            return 0
        case "runs":
            if args.words[:1] == ["verify"]:
                from agent.commands.runs_verify import verify_run

                return verify_run(one_name(args.words[1:]), settings, args.json)
            return runs(one_name(args.words), settings, args.json)
        case "view":
            from agent.commands.view import view

            return view(args.port, settings)
        case "trace":
            from agent.commands.trace import send, trace

            return send(args.run or "", args.send, settings) if args.send else trace(args.run or "", args.json, settings)
        case _ if args.campaign:
            from agent.commands.campaign import campaign

            return campaign(args.run, settings, args.on_target, args.against, args.json)
        case _:
            if args.json or args.on_target or args.against:
                raise UsageError("--json, --target and --against: for --campaign only", hint="Add --campaign, or leave them out.")
            return report(args.run or "", settings)


def graph() -> int:
    """The state machine, seven phases with their inner loops, as Mermaid."""
    from agent.graph import mission_graph  # LangGraph takes half a second to import
    from agent.registry import TOOLS

    sys.stdout.write(mission_graph(TOOLS, None).get_graph(xray=1).draw_mermaid())
    return 0


def runs(name: str, settings: Settings, as_json: bool) -> int:
    """All runs, or one."""
    chosen = [find_run(name, settings.runs)] if name else list_runs(settings.runs)
    rows = [
        {
            "run": f"{w.root.parent.name}/{w.root.name}",
            "target": config_of(w).get("target_version", "?"),
            "phases": f"{len(finished_phases(w))}/7",
            "state": state_of(w),
            "bugs": bugs_of(w),
        }
        for w in chosen
    ]
    output(rows, "Runs", as_json)
    return 0


def bugs_of(workspace: Workspace) -> int | str:
    """How many confirmed bugs a run lists."""
    try:
        return len(bugs(workspace))
    except RunDamaged:
        return "damaged"


def state_of(workspace: Workspace) -> str:
    """Where a run stands, in words."""
    if is_finished(workspace):
        return "finished"
    asked = open_question(workspace)
    if asked is None:
        return "stopped or running"
    return "waiting for approval" if asked.status == "waiting" else "ended by a person"


def report(name: str, settings: Settings) -> int:
    """Write the report again from what is in the run folder, finished or not; a mission that works on it is not disturbed."""
    from agent.reporting.final_report import rewrite_reports

    workspace = find_run(name, settings.runs)
    damage = () if held(workspace.root / "run.lock") else check_run(workspace).damage
    evidence = [problem for problem in damage if problem.path not in REWRITTEN]
    if evidence and config_of(workspace).get("format"):
        told = f"{workspace.name} is damaged, and nothing is reported from what the mission did not leave: {evidence[0].line}"
        more = f" and {len(evidence) - 1} more" if len(evidence) > 1 else ""
        raise RunDamaged(told + more, hint=HINT.format(run=workspace.name))
    before = finished_phases(workspace)
    path = rewrite_reports(workspace, settings)
    if len(before) < len(RECORDS) == len(finished_phases(workspace)):  # it came to its end meanwhile: not half of it over the whole
        path = rewrite_reports(workspace, settings)
    sys.stdout.write(f"{path}\n")
    return 0
