"""`python -m agent trace RUN`: what the run did, span by span, and what its model calls took."""

import json
import sys
from dataclasses import asdict

from rich.box import MARKDOWN
from rich.table import Table

from agent.commands.runs import find_run, name_of
from agent.core.errors import EnvironmentUnfit, NothingToResume
from agent.core.settings import Settings
from agent.core.workspace import Workspace
from agent.reporting.screen import Screen
from agent.reporting.span_senders import sender_of
from agent.reporting.spans import FILE, Span, read_spans
from agent.reporting.trace_table import Row, rows, total, tree

WIDTH = 140
"""Columns when nobody watches."""


def trace(name: str, as_json: bool, settings: Settings) -> int:
    """Print tree and table."""
    workspace, spans = found(name, settings)
    if as_json:
        told = [span.model_dump(mode="json") for span in spans]
        whole = {"run": name_of(workspace), "spans": told, "calls": [asdict(row) for row in rows(spans)], "total": asdict(total(spans))}
        sys.stdout.write(json.dumps(whole, indent=2) + "\n")
        return 0
    console = Screen(width=None if sys.stdout.isatty() else WIDTH)
    for line in tree(spans):
        console.print(f"{'  ' * line.depth}{line.text}", markup=False, highlight=False, soft_wrap=True)
    console.print(table(spans) if rows(spans) else "no model was asked")
    console.print(f"{len(spans)} spans, trace {spans[0].trace_id}, in {workspace.path(FILE)}", highlight=False, soft_wrap=True)
    return 0


def send(name: str, where: str, settings: Settings) -> int:
    """Hand the whole trace over.

    Raises:
        EnvironmentUnfit: not all of it was taken.
    """
    workspace, spans = found(name, settings)
    sender, problem = sender_of(where)
    for span in spans:
        sender.send(span)
    if problem := problem or sender.close():
        raise EnvironmentUnfit(problem)
    sys.stdout.write(f"{len(spans)} spans of {name_of(workspace)} sent to {where}\n")
    return 0


def found(name: str, settings: Settings) -> tuple[Workspace, list[Span]]:
    """A run and its spans.

    Raises:
        NothingToResume: there is no such run, or it has no trace.
    """
    workspace = find_run(name, settings.runs)
    spans = read_spans(workspace)
    if not spans:
        raise NothingToResume(f"{name_of(workspace)} has no spans", hint="Runs of earlier versions have none, nor has a run just begun.")
    return workspace, spans


def table(spans: list[Span]) -> Table:
    """Tokens and cost."""
    made = Table(box=MARKDOWN)
    for column in ("phase", "decision", "model", "calls", "tokens", "of the budget", "cost", "seconds"):
        made.add_column(column, overflow="fold")
    for row in (*rows(spans), total(spans)):
        made.add_row(*cells(row))
    return made


def cells(row: Row) -> list[str]:
    """A row's texts; names that a model's provider gave are no markup."""
    return [str(value).replace("[", "\\[") for value in asdict(row).values()]
