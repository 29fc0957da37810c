"""`python -m agent docs …`: fetches a release's own documentation, and searches what is here."""

import json
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from agent.core.errors import EnvironmentUnfit, ToolFailed, UsageError
from agent.core.settings import Settings
from agent.core.shown import shown, shown_data
from agent.core.tool import ToolContext
from agent.reporting.screen import Screen
from tools.read_docs import TOOL, ReadDocsResult
from tools.targets import pinned_version, sync_docs

VERSION = re.compile(r"[0-9][\w.!+-]*")


def docs_sync(version: str, settings: Settings, as_json: bool) -> int:
    """Fetch the documentation of a release (the pinned one when `version` is empty) unless it is here already.

    Raises:
        UsageError: that is no version.
        EnvironmentUnfit: it cannot be fetched from here.
    """
    wanted = version or pinned_version(settings)
    if not VERSION.fullmatch(wanted):
        raise UsageError(f"{wanted!r} is not a version", hint="A release such as 1.2.0; a checkout has its documentation beside it.")
    try:
        folder = sync_docs(wanted, settings, _tell)
    except ToolFailed as failure:
        raise EnvironmentUnfit(str(failure), hint=failure.hint) from failure
    pages = sum(1 for _ in folder.rglob("*.md"))
    if as_json:
        sys.stdout.write(json.dumps({"version": wanted, "folder": str(folder), "pages": pages}) + "\n")
    else:
        Screen(highlight=False).print(f"stageflow {wanted}: {pages} pages in {short(folder)}", soft_wrap=True, markup=False)
    return 0


def short(folder: Path) -> Path:
    """The folder as somebody who stands here would write it."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _tell(text: str) -> None:
    sys.stderr.write(f"  {shown(text)}\n")


def docs_search(query: str, settings: Settings, as_json: bool) -> int:
    """Print the sections that match; 0 also when none does."""
    if not query.strip():
        raise UsageError("nothing to search for", hint='Try `python -m agent docs search "retry backoff"`.')
    context = ToolContext(settings, None, None, lambda text: None)
    answer = TOOL.call({"query": query[:1000], "limit": 10}, context)
    if as_json:
        sys.stdout.write(shown_data(answer.model_dump_json(indent=2)) + "\n")
    else:
        _show(answer, Screen(highlight=False))
    return 0


def _show(answer: ReadDocsResult, console: Console) -> None:
    table = Table("score", "section, where it is, and the passage", box=None, pad_edge=False)
    for hit in answer.hits:
        passage = hit.excerpt if len(hit.excerpt) <= 240 else hit.excerpt[:239] + "…"
        cell = Text.assemble((shown(hit.section), "bold"), shown(f"\n{hit.link}\n"), (shown(passage), "dim"), overflow="fold")
        table.add_row(f"{hit.score:.1f}", cell)
    if answer.hits:
        console.print(table)
    else:
        console.print(f"nothing in {answer.pages} pages")
    if answer.notice:
        console.print(answer.notice, style="yellow", markup=False, soft_wrap=True)
