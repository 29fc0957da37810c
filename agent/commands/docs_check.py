"""`python -m agent docs check`: what the documentation says that the target does not keep."""

import json
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.core.errors import EnvironmentUnfit, ToolFailed, UsageError
from agent.core.files import write_json
from agent.core.settings import Settings
from agent.core.tool import ToolContext
from agent.court.severity import LEVELS
from agent.reporting.screen import Screen
from tools.doc_claims import DOCSTRING, Source, contradictions, of_findings
from tools.doc_docstrings import docstring_pages
from tools.doc_oracle import check_pages
from tools.doc_pages import DocPage, Question, ask, implied_names, read_pages
from tools.doc_records import Contradiction, DocCheck, running_share
from tools.doc_sections import own_files
from tools.targets import resolve, sync_docs

SEVERITY = "low"
"""Of a documentation contradiction, by the rule of `agent.court.severity` for what misleads loudly."""
SHOWN_PLACES = 3
"""Places of one mistake that are printed; the JSON has all."""


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line; `own` means the pages of this project instead of the target's."""

    target: str
    own: bool
    page: str
    out: Path | None
    minutes: float
    verdicts: Path | None
    fail_on: str | None


def docs_check(order: Order, settings: Settings) -> int:
    """Check the pages, join them with a check's verdicts when given, and tell; 1 only when --fail-on asks for it."""
    began = time.monotonic()
    findings = read_findings(order.verdicts) if order.verdicts else []
    with Screen(stderr=True).status("starting") as status:
        target = resolve(order.target, settings, status.update)
        context = ToolContext(settings, target, None, status.update)
        root, files = own_pages(settings) if order.own else release_pages(context)
        every = read_pages(root, files)
        pages = chosen(every, order.page)
        examples = [] if order.own or order.page else docstring_pages(target.package)
        checked = check_pages([*pages, *examples], implied_names(every), context, seconds=max(30.0, order.minutes * 60))
        claims = joined(findings, pages, context, checked.found)
    everything = [*checked.found, *claims]
    result = DocCheck(
        target=target.label,
        version=target.version,
        fingerprint=target.fingerprint,
        documentation=str(root),
        contradictions=tuple(c for c in everything if c.status == "confirmed"),
        unknown=tuple(c for c in everything if c.status == "unknown"),
        counts=checked.counts,
        share_that_runs=running_share(checked.counts),
        incomplete=checked.incomplete,
        seconds=round(time.monotonic() - began, 1),
    )
    if order.out:
        write_json(order.out, result.model_dump(mode="json"))
    tell(result, Screen(file=sys.stdout, highlight=False, markup=False, soft_wrap=True))
    worst = order.fail_on is not None and LEVELS.index(SEVERITY) >= LEVELS.index(order.fail_on)
    return int(worst and bool(result.contradictions))


def chosen(pages: list[DocPage], name: str) -> list[DocPage]:
    """All pages, or those of that name: `docs/api/tools.md`, `api/tools.md`, `tools.md` or `tools`.

    Raises:
        UsageError: there is none.
    """
    found = [page for page in pages if not name or name in (page.name, page.name.removeprefix("docs/"), *Path(page.name).parts[-1:])]
    found = found or [page for page in pages if Path(page.name).stem == name]
    if not found:
        raise UsageError(f"there is no page {name!r}", hint=f"Pages: {', '.join(page.name for page in pages[:8])}, ...")
    return found


def own_pages(settings: Settings) -> tuple[Path, list[Path]]:
    """The committed pages of this project."""
    return settings.docs, [Path(file) for file in own_files(settings.docs)]


def release_pages(context: ToolContext) -> tuple[Path, list[Path]]:
    """The documentation of exactly the target: a checkout's own, or else the one of its version.

    Raises:
        EnvironmentUnfit: it is not here and cannot be fetched.
    """
    target = context.target
    assert target
    checkout = Path(target.label)
    if target.search_path and (checkout / "docs").is_dir():
        readme = checkout / "README.md"
        return checkout, [*(checkout / "docs").rglob("*.md"), *([readme] if readme.is_file() else [])]
    try:
        root = sync_docs(target.version, context.settings, context.progress)
    except ToolFailed as failure:
        raise EnvironmentUnfit(str(failure), hint="Run `python -m agent docs sync` once with a network.") from failure
    return root, list(root.rglob("*.md"))


def read_findings(file: Path) -> list[dict[str, Any]]:
    """The findings of a check's JSON.

    Raises:
        UsageError: it is none.
    """
    try:
        findings: list[dict[str, Any]] = json.loads(file.read_bytes())["findings"]
        list(of_findings(findings))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{file} is not the JSON of a check: {error}", hint="Make one with `check --json FILE`.") from error
    return findings


def joined(
    findings: Iterable[Mapping[str, Any]], pages: Iterable[DocPage], context: ToolContext, known: Iterable[Contradiction]
) -> list[Contradiction]:
    """The sentences that the findings contradict; not those of mistakes that are known already."""
    violated = list(of_findings(findings))
    if not violated:
        return []
    by_name = {page.name: page for page in pages}
    sources = {one.source: found for one in violated if (found := section(one.source, by_name))}
    names = sorted({one.source.removeprefix(DOCSTRING) for one in violated if one.source.startswith(DOCSTRING)})
    for row in ask(Question((), docstrings=names), context, seconds=60.0)[0]:
        sources[DOCSTRING + row["docstring"]] = Source(row["docstring"], row["line"], row["text"])
    causes = {contradiction.cause for contradiction in known}
    wanted = [one for one in violated if one.source.startswith(DOCSTRING) or one.source.partition("#")[0] in by_name]
    return [claim for claim in contradictions(wanted, sources) if claim.cause not in causes]


def section(source: str, pages: Mapping[str, DocPage]) -> Source | None:
    """The section that a claim names."""
    name, _, anchor = source.partition("#")
    page = pages.get(name)
    part = next((part for part in page.parts if part.anchor == anchor), None) if page else None
    return Source(name, part.first_line + 1, part.text) if part else None


def tell(result: DocCheck, console: Console) -> None:
    """The mistakes and the counts, for a person."""
    for title, rows in (("contradictions", result.contradictions), ("doubtful, not counted", result.unknown)):
        if rows:
            console.print(f"{title} ({len(rows)})", style="bold")
        for row in rows:
            describe(row, console)
    console.print(summary(result))
    if result.incomplete:
        console.print(f"incomplete: {result.incomplete}", style="yellow")


def describe(row: Contradiction, console: Console) -> None:
    """One mistake with its first places."""
    console.print(f"  {row.says}", style="red" if row.status == "confirmed" else "yellow")
    console.print(f"      {row.has}" + (f"; doubtful: {row.doubt}" if row.doubt else ""))
    for place in row.places[:SHOWN_PLACES]:
        console.print(f"      {place.page}:{place.line}  {place.quote}", style="dim")
    if len(row.places) > SHOWN_PLACES:
        console.print(f"      and {len(row.places) - SHOWN_PLACES} more places", style="dim")


def summary(result: DocCheck) -> str:
    """The counts in three lines."""
    counts = result.counts
    places = sum(len(row.places) for row in result.contradictions)
    needs = ", ".join(f"{number} {what}" for what, number in counts.needs.items())
    return (
        f"{result.target}: {len(result.contradictions)} contradictions in {places} places, {len(result.unknown)} doubtful, "
        f"{result.seconds} s\n"
        f"{counts.pages} pages, {counts.blocks} blocks and {counts.docstring_examples} examples in docstrings: "
        f"{counts.compiled} of {counts.code} compile, {counts.fragments} extracts and {counts.signatures} signatures are resolved too; "
        f"{counts.resolved} blocks without a mistake, {counts.mistaken} with one\n"
        f"{counts.ran} run as written ({result.share_that_runs:.0%}), {counts.ran_with_imports} more with their imports, "
        f"{sum(counts.needs.values())} need something from outside ({needs or 'nothing'}), {counts.failed} fail, {counts.unknown} undecided"
    )
