"""Documentation as oracle: what the pages of a release say that its code does not keep, found by resolving and running their blocks."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agent.core.tool import ToolContext
from tools.doc_hints import bad_example
from tools.doc_pages import DocPage, Question, ask
from tools.doc_records import Contradiction, DocCounts, How, Place

LISTED = re.compile(r"(?P<head>[\w.]+\()(?P<words>\w+=(?:, \w+=)*)(?P<tail>\))")
"""A mistake that lists wrong keywords."""
SECOND = 0.3
"""Share of the time for deciding a second time."""


@dataclass(frozen=True)
class Sighting:
    """One place of one mistake, before grouping; fields as in `Contradiction`."""

    what: str
    kind: str
    says: str
    has: str
    how: How
    doubt: str
    place: Place


@dataclass(frozen=True)
class Checked:
    """What came of checking pages: contradictions, doubtful ones included, the counts, and why some of it may be missing."""

    found: list[Contradiction]
    counts: DocCounts
    incomplete: str


def check_pages(pages: Sequence[DocPage], implied: Sequence[str], context: ToolContext, *, seconds: float) -> Checked:
    """Resolve and run the pages; what running alone shows is decided twice, the second time in real time.

    Args:
        pages: to check.
        implied: names that blocks may leave to the reader to import, see `implied_names`.
        context: gives the target.
        seconds: real time for all of it.
    """
    rows, why = ask(Question(pages, implied), context, seconds=seconds * (1 - SECOND))
    known = broken(pages) + resolved(pages, rows)
    ran = failures(pages, rows, known)
    if ran:
        again = [page for page in pages if any(s.place.page == page.name for s in ran)]
        context.progress(f"{len(again)} pages once more")
        second, _ = ask(Question(again, implied, virtual=False), context, seconds=seconds * SECOND)
        twice = {same(s) for s in failures(pages, second, known)}
        ran = [s if same(s) in twice else replace(s, doubt=s.doubt or "it went another way in a second process") for s in ran]
    troubles = "; ".join([*filter(None, [why]), *(row["trouble"] for row in rows if "trouble" in row)])
    return Checked(grouped(known + ran), counted(pages, rows, known + ran), troubles)


def same(sighting: Sighting) -> tuple[str, Place, str]:
    """What must be equal in both processes."""
    return sighting.what, sighting.place, sighting.has if sighting.kind == "output" else ""


def broken(pages: Iterable[DocPage]) -> list[Sighting]:
    """Blocks that do not compile."""
    found = []
    for page in pages:
        for block in page.blocks:
            if block.problem:
                message, line = block.problem
                place = page.place(block.line + line - 1)
                what = f"{place.section} does not compile"
                found.append(Sighting(what, "syntax", "shows a block of Python", f"it does not compile: {message}", "compiled", "", place))
    return found


def resolved(pages: Iterable[DocPage], rows: Iterable[Mapping[str, Any]]) -> list[Sighting]:
    """The mistakes that resolving found."""
    by_name = {page.name: page for page in pages}
    found = []
    for row in rows:
        for mistake in row.get("resolved", ()):
            page, line = by_name[row["page"]], mistake["line"]
            block = page.blocks[mistake["block"]] if mistake["block"] >= 0 else None
            doubt = mistake["doubt"] or (bad_example(block, line - block.line + 1) if block else "")
            found.append(Sighting(mistake["what"], mistake["kind"], mistake["does"], mistake["has"], "resolved", doubt, page.place(line)))
    return found


def failures(pages: Iterable[DocPage], rows: Iterable[Mapping[str, Any]], known: Iterable[Sighting]) -> list[Sighting]:
    """What running showed and resolving did not."""
    by_name = {page.name: page for page in pages}
    mistaken = {(s.place.page, s.place.line) for s in known}
    found = []
    for row in rows:
        if "played" in row:
            page = by_name[row["page"]]
            lines = {line for name, line in mistaken if name == page.name}
            found += _failure(page, row["played"], lines) + _outputs(page, row["played"])
    return found


def _failure(page: DocPage, played: Mapping[str, Any], mistaken: set[int]) -> list[Sighting]:
    """Why a block stopped, unless a known mistake of the same block says so already; `mistaken` are the page's lines with one."""
    if played["result"] != "failed":
        return []
    block, kind, what = page.blocks[played["index"]], played["kind"], str(played["what"])
    at, end = (block.line + max(played[key], 1) - 1 for key in ("line", "end"))
    own = {line for line in mistaken if block.line <= line < block.line + len(block.text.splitlines())}
    earlier = {line for line in own if line <= end}
    if (kind == "import" and own) or (kind == "direct" and earlier):
        return []
    doubt = "it may follow from another mistake of the block" if earlier else bad_example(block, played["line"])
    if kind == "refused" and not str(played["reason"]).startswith("TypeError"):
        doubt = doubt or "the target checks this itself: the example may rely on something done before"
    error = str(played["reason"]).partition(":")[0]
    names = {"example": f"{page.name}: {what}", "import": f"import from {what}"} | dict.fromkeys(
        ("refused", "crash"), f"{what} raises {error}"
    )
    says = "shows a block that runs" if kind == "example" else f"uses {what} as shown"
    return [Sighting(names.get(kind, what), kind, says, str(played["reason"]), "ran", doubt, page.place(at))]


def _outputs(page: DocPage, played: Mapping[str, Any]) -> list[Sighting]:
    """Documented outputs that are others."""
    block = page.blocks[played["index"]]
    found = []
    for line, documented, observed in played["shown"]:
        if documented != observed:
            place = page.place(block.line + line - 1)
            says, has = f"says that it prints {documented}", f"it prints {observed}"
            found.append(Sighting(f"{place.section} prints {documented}", "output", says, has, "ran", "", place))
    return found


def grouped(sightings: Iterable[Sighting]) -> list[Contradiction]:
    """One entry per mistake; doubtful places of it are an entry of their own. Those made most often come first."""
    groups: dict[tuple[str, bool], list[Sighting]] = {}
    for sighting in together(list(sightings)):
        groups.setdefault((sighting.what, bool(sighting.doubt)), []).append(sighting)
    return sorted((contradiction(members) for members in groups.values()), key=lambda c: (-len(c.places), c.cause))


def contradiction(members: Sequence[Sighting]) -> Contradiction:
    """The entry of a mistake that was seen in these places."""
    first = members[0]
    places = {(s.place.page, s.place.line): s.place for s in members}
    return Contradiction(
        cause=f"docs:{first.what}",
        kind=first.kind,
        says=first.says,
        has=first.has,
        status="unknown" if first.doubt else "confirmed",
        doubt=first.doubt,
        how=first.how,
        places=tuple(places[key] for key in sorted(places)),
    )


def together(sightings: Sequence[Sighting]) -> list[Sighting]:
    """The same, with wrong keywords of one function, and missing names of one module, under one name when they overlap anywhere."""
    unions: dict[tuple[str, str], list[set[str]]] = {}
    for sighting in sightings:
        if parts := LISTED.fullmatch(sighting.what):
            words = set(parts["words"].split(", "))
            sets = unions.setdefault((sighting.kind, parts["head"]), [])
            overlapping = [other for other in sets if other & words]
            sets[:] = [other for other in sets if not other & words] + [words.union(*overlapping)]

    def renamed(sighting: Sighting) -> Sighting:
        parts = LISTED.fullmatch(sighting.what)
        if not parts:
            return sighting
        words = set(parts["words"].split(", "))
        union = next(other for other in unions[sighting.kind, parts["head"]] if other & words)
        return replace(sighting, what=f"{parts['head']}{', '.join(sorted(union))}{parts['tail']}")

    return [renamed(sighting) for sighting in sightings]


def counted(pages: Sequence[DocPage], rows: Sequence[Mapping[str, Any]], sightings: Iterable[Sighting]) -> DocCounts:
    """The counts; blocks that were not reached are unknown."""
    every = [(page, block) for page in pages if not page.module for block in page.blocks]
    spots = {(s.place.page, s.place.line) for s in sightings if not s.doubt}
    heard = {row["page"] for row in rows if "resolved" in row}
    mistaken = [
        (page, block) for page, block in every
        if any((page.name, line) in spots for line in range(block.line, block.line + len(block.text.splitlines())))
    ]  # fmt: skip
    looked_at = sum(bool(block.code.strip() or block.stubs) and page.name in heard for page, block in every)
    played = [row["played"] for row in rows if "played" in row]
    kinds, results = Counter(block.kind for _, block in every), Counter(row["result"] for row in played)
    runnable = kinds["code"] + kinds["session"]
    needs = Counter(str(row["reason"]).split()[0].rstrip(":") for row in played if row["result"] == "needs")
    return DocCounts(
        pages=sum(not page.module for page in pages),
        docstring_examples=sum(len(page.blocks) for page in pages if page.module),
        blocks=len(every),
        code=runnable + kinds["broken"],
        compiled=runnable,
        fragments=kinds["fragment"] + kinds["diff"],
        signatures=kinds["signature"],
        resolved=looked_at - sum(bool(block.code.strip() or block.stubs) for _, block in mistaken),
        mistaken=len(mistaken),
        ran=sum(row["result"] == "ran" and not row["supplied"] for row in played),
        ran_with_imports=sum(row["result"] == "ran" and bool(row["supplied"]) for row in played),
        needs=dict(needs.most_common()),
        failed=results["failed"],
        unknown=results["unknown"] + runnable - len(played),
    )
