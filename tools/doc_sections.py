"""Markdown pages as sections: split by headings outside of code fences, with GitHub's anchors."""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r"\s*(?:[-*+] +|> *)*(`{3,}|~{3,})(.*)")
HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
CLOSING = re.compile(r"[ \t]+#+[ \t]*\Z")
UNLINKED = re.compile(r"[^\w\- ]+")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


class Section(NamedTuple):
    """One heading and the text up to the next heading of any level.

    Attributes:
        title: the heading without Markdown marks; empty for text in front of the first heading.
        level: 1 to 6, or 0 in front of the first heading.
        anchor: what follows `#` in a link to it; empty at level 0.
        first_line: line of the heading, from 1.
        text: the lines below the heading.
    """

    title: str
    level: int
    anchor: str
    first_line: int
    text: str


def plain_heading(text: str) -> str:
    """A heading as it is shown: links by their text, without code and emphasis marks."""
    shown = LINK.sub(r"\1", text) if "](" in text else text
    return shown.replace("`", "").replace("**", "").replace("*", "").strip()


def slug(title: str) -> str:
    """GitHub's anchor of a heading, before duplicates are numbered."""
    return UNLINKED.sub("", title.strip().lower()).replace(" ", "-")


def _headings(lines: list[str]) -> Iterator[tuple[int, int, str]]:
    """(index, level, shown title) of every heading that is not inside a code fence."""
    fence = ""
    telling = [index for index, line in enumerate(lines) if "#" in line or "```" in line or "~~~" in line]
    for index in telling:
        line = lines[index]
        if ("```" in line or "~~~" in line) and (mark := FENCE.fullmatch(line)):
            ticks, rest = mark.groups()
            if not fence and not (ticks[0] == "`" and "`" in rest):
                fence = ticks
            elif fence and ticks[0] == fence[0] and len(ticks) >= len(fence) and not rest.strip():
                fence = ""
        elif not fence and "#" in line[:4] and (heading := HEADING.fullmatch(line)):
            title = heading[2] or ""
            yield index, len(heading[1]), plain_heading(CLOSING.sub("", title) if "#" in title else title)


def split(text: str) -> list[Section]:
    """The sections of a Markdown text, in order; empty text in front of the first heading is left out."""
    lines = text.splitlines()
    starts = list(_headings(lines))
    ends = [*(start[0] for start in starts), len(lines)][1:]
    found: list[Section] = []
    if preface := "\n".join(lines[: starts[0][0] if starts else len(lines)]).strip():
        found.append(Section("", 0, "", 1, preface))
    taken: set[str] = set()
    for (index, level, title), end in zip(starts, ends, strict=True):
        base = anchor = slug(title)
        number = 0
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        found.append(Section(title, level, anchor, index + 1, "\n".join(lines[index + 1 : end]).strip()))
    return found


def sections(path: Path) -> list[Section]:
    """The sections of a Markdown file."""
    return split(path.read_text(encoding="utf-8", errors="replace"))


def markdown_below(folder: Path, without: str = "") -> list[str]:
    """Every Markdown file below a folder, in path order; nothing below its sub-folder `without`."""
    return sorted(_markdown(str(folder), without), key=lambda file: file.replace(os.sep, "\0"))


def _markdown(folder: str, without: str) -> Iterator[str]:
    """Of a folder that cannot be read there is none."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != without:
                    yield from _markdown(entry.path, "")
            elif entry.name.endswith(".md") and entry.is_file():
                yield entry.path


def own_files(docs_root: Path) -> list[str]:
    """The committed pages of this project: every Markdown file that is not part of a release's own documentation."""
    return markdown_below(docs_root, without="upstream")


def section_exists(docs_root: Path, version: str, link: str) -> bool:
    """Whether `page.md#anchor` is a section of the upstream docs of `version`, or else of a page of our own.

    A link without `#` asks for the page alone. A path that leaves its folder does not exist.
    """
    page, _, anchor = link.partition("#")
    for root in (docs_root / "upstream" / version, docs_root):
        file = (root / page).resolve()
        if file.is_relative_to(root.resolve()) and file.suffix == ".md" and file.is_file():
            return not anchor or any(section.anchor == anchor for section in sections(file))
    return False
