"""What a reference page says in its headings, tables and lists: which members a class has and how its methods are called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.doc_blocks import Stub, stubs_in
from tools.doc_sections import FENCE, HEADING, Section, plain_heading

CLASS_HEADING = re.compile(
    r"(?:class )?([A-Z][a-z]*[A-Z]?\w+)(?:\.\w+(?:\(\))?)?(?: \([^)]*\)| Protocol| class| Class| Methods| methods| Attributes| Fields)?"
)
PAGE_TITLE = re.compile(r"([A-Z]\w+) API(?: Reference)?")
GENERIC = {
    "attributes", "properties", "methods", "class methods", "static methods", "fields", "values", "constructor", "important apis",
    "parameters", "key methods", "api", "members", "dataclasses", "signature",
}  # fmt: skip
COLUMNS = {"attribute", "property", "field", "method", "value", "member"}
BULLET = re.compile(r"[-*] `([A-Za-z_]\w*)(\([^`]*\)(?:\s*->[^`]*)?|\s*(?::|->)[^`]*)`")
CELL = re.compile(r"\|\s*`([A-Za-z_]\w*)(\([^`]*\)(?:\s*->[^`]*)?)?`\s*\|")
MENTION = re.compile(r"`([A-Z][a-z]\w*)\.([a-z]\w*)(?:\([^`]*\))?`")
CHANGE = re.compile(r"\b(?:removed?|deprecated|renamed|no longer|non-existent|does not|not part of|instead of|replaced)\b", re.I)
SPAN = re.compile(r"#+\s+`([^`]+)`\s*")


@dataclass(frozen=True)
class Claim:
    """A member of a class as a page documents it: by name, or with its signature.

    Attributes:
        line: line of the page, from 1.
        titles: the headings that may name the class, innermost first.
        strict: the first of them does, for certain.
        name: the member.
        stub: its signature when one is given.
        quote: the line.
    """

    line: int
    titles: tuple[str, ...]
    strict: bool
    name: str
    stub: Stub | None
    quote: str


def heading_path(headings: list[tuple[int, str]]) -> tuple[tuple[str, ...], bool]:
    """The headings that may name a class, innermost first; whether nothing of another subject stands below the first of them."""
    found: list[str] = []
    strict = True
    for _, title in reversed(headings):
        generic = title.lower().rstrip(":") in GENERIC or re.fullmatch(r"[a-z_]\w*(\(.*\))?( *->.*)?", title)
        if not generic and (named := CLASS_HEADING.fullmatch(title) or PAGE_TITLE.fullmatch(title)):
            strict = strict and (bool(found) or not PAGE_TITLE.fullmatch(title))
            found.append(named[1])
        elif not found and not generic:
            strict = False
    return tuple(found), strict and bool(found)


def path_at(parts: list[Section], line: int) -> tuple[tuple[str, ...], bool]:
    """`heading_path` of the headings above a line."""
    headings: list[tuple[int, str]] = []
    for part in parts:
        if part.first_line > line:
            break
        headings = [*(entry for entry in headings if entry[0] < part.level), (part.level, part.title)]
    return heading_path(headings)


def claims(page: str) -> list[Claim]:
    """All of a page, in order."""
    found: list[Claim] = []
    headings: list[tuple[int, str]] = []
    column = ""
    for number, line in _prose(page.splitlines()):
        if not CHANGE.search(line):
            found += [Claim(number, (m[1],), True, m[2], None, line.strip()) for m in MENTION.finditer(line)]
        if heading := HEADING.fullmatch(line):
            level = len(heading[1])
            headings = [entry for entry in headings if entry[0] < level]
            if span := SPAN.fullmatch(line):
                found += _spelled(span[1], number, heading_path(headings), line)
            headings.append((level, plain_heading(heading[2] or "")))
            column = ""
            continue
        cells = [cell.strip().lower() for cell in line.strip().strip("|").split("|")] if line.lstrip().startswith("|") else []
        if not cells:
            column = ""
        elif not column and not CELL.match(line):
            column = cells[0] if not set(cells[0]) <= set("-: ") else column
        path = heading_path(headings)
        mark = CELL.match(line.strip()) if cells and column in COLUMNS else BULLET.match(line)
        if mark and path[0]:
            found += _spelled(mark[1] + (mark[2] or ""), number, path if cells else (path[0], False), line)
    return found


def _prose(lines: list[str]) -> Iterator[tuple[int, str]]:
    """(number, line) of the lines outside of code fences."""
    fence = ""
    for number, line in enumerate(lines, 1):
        if mark := FENCE.fullmatch(line):
            ticks, rest = mark.groups()
            if not fence:
                fence = ticks
            elif ticks[0] == fence[0] and len(ticks) >= len(fence) and not rest.strip():
                fence = ""
        elif not fence:
            yield number, line


def _spelled(text: str, line: int, path: tuple[tuple[str, ...], bool], quote: str) -> Iterator[Claim]:
    """The claim that a code span makes."""
    if "(" in text:
        for stub in stubs_in(text):
            yield Claim(line, *path, stub.name, stub, quote.strip())
    elif path[1] and (name := re.fullmatch(r"([A-Za-z_]\w*)(\s*(->|:).*)?", text)):
        yield Claim(line, *path, name[1], None, quote.strip())
