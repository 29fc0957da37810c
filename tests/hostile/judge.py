"""Says what a hostile text effected, from what it left outside and in the files and on the screen; nothing is what is wanted."""

import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt

from tests.hostile.world import Said

TAGS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "div", "ul", "li", "nav", "a", "code", "pre", "table", "tr", "th",
    "td", "details", "summary", "span", "small", "q", "figure", "figcaption", "svg", "text", "rect", "circle", "line", "polyline",
}  # fmt: skip
"""What the page's own template is made of; `title` also stands in charts."""
ATTRIBUTES = {
    "lang", "charset", "name", "content", "http-equiv", "class", "id", "href", "viewbox", "role", "aria-label", "x", "y", "x1", "x2", "y1",
    "y2", "width", "height", "cx", "cy", "r", "fill", "stroke", "stroke-width", "points", "text-anchor", "transform", "style",
}  # fmt: skip
METAS = 4
"""Elements of that name in the template."""
SECTIONS = 15
"""Headings of the second level in FINAL_REPORT.md."""
HUNDRED = re.compile(r"\b(?:1337|191\s*\*)\b")


def spoken(text: str) -> Iterator[str]:
    """Characters that a terminal would obey or a reader be deceived by."""
    found = sorted({repr(c) for c in text if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")})
    if found:
        yield f"raw characters {' '.join(found[:5])}"


class _Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.metas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.metas += tag == "meta"
        if tag not in TAGS:
            self.wrong.append(f"element {tag}")
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.wrong.append(f"attribute {name} of {tag}")
            if name == "href" and re.match(r"\s*[\w+.-]+:|\s*//|.*\.\./", value or ""):
                self.wrong.append(f"a link to {value}")
            if name == "style" and not re.fullmatch(r"fill: #[0-9a-f]{6}", value or ""):
                self.wrong.append(f"style {value}")

    def handle_comment(self, data: str) -> None:
        self.wrong.append("a comment")

    def unknown_decl(self, data: str) -> None:
        self.wrong.append("a declaration")


def page_effects(text: str) -> Iterator[str]:
    """What is active in a report.html besides its template."""
    page = _Page()
    page.feed(text)
    page.close()
    yield from dict.fromkeys(page.wrong)
    if page.metas != METAS:
        yield f"{page.metas} meta elements"
    if not text.rstrip().endswith("</html>") or text.count("Content-Security-Policy") < 1:
        yield "the page is cut"
    yield from spoken(text)
    if "36481" in text.replace("7 * 191", "") or "1337" in text:
        yield "a template was expanded"


def markdown_effects(text: str, sections: int | None = None) -> Iterator[str]:
    """What a Markdown page holds that its template does not."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    for token in (*tokens, *inline):
        if token.type in ("html_block", "html_inline") and not re.fullmatch(r"\s*</?(?:details|summary)>.*", token.content, re.S):
            yield f"HTML {token.content[:40]!r}"
        elif token.type == "image":
            yield "an image"
        elif token.type == "link_open":
            target = str(token.attrGet("href"))
            if (
                ("hx7" in target and not re.fullmatch(r"findings/[\w-]+/[\w.]+", target))
                or re.match(r"(?!https?:)[\w+.-]+:", target)
                or "/x" in target[-3:]
            ):
                yield f"a link to {target[:60]}"
        elif token.type == "fence":
            yield "a fence"
    heads = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    if any(head.startswith(("99.", "hx7 heading")) for head in heads):
        yield "a heading"
    if sections is not None and sum(re.match(r"\d+\. ", head) is not None for head in heads) != sections:
        yield f"{len(heads)} headings: some are hidden"
    yield from spoken(text)


def screen_effects(said: Said) -> Iterator[str]:
    """What a command's output does to a terminal, or to whoever reads a traceback."""
    yield from spoken(re.sub(r"\x1b\[[0-9;]*m", "", said.out) + said.err)
    if "Traceback (most recent call last)" in said.err:
        yield "a traceback: " + said.err.strip().splitlines()[-1][:200]


def cost_effects(said: Said, seconds: float, megabytes: float) -> Iterator[str]:
    """Time and memory beyond what was allowed."""
    if said.seconds > seconds:
        yield f"{said.seconds:.1f} s, allowed {seconds:g}"
    if said.megabytes > megabytes:
        yield f"{said.megabytes:.0f} MB, allowed {megabytes:g}"


def file_effects(folder: Path) -> Iterator[str]:
    """What is wrong with the files of a run folder: JSON that does not parse, characters that act."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        if name.startswith("mocks/data/"):
            continue  # records for the target, unusual ones on purpose
        if file.suffix in (".json", ".jsonl"):
            text = file.read_text(encoding="utf-8")
            try:
                for line in text.splitlines() if file.suffix == ".jsonl" else [text]:
                    json.loads(line)
            except (ValueError, RecursionError) as error:
                yield f"{name}: {type(error).__name__}"
        if file.suffix in (".json", ".jsonl", ".md", ".html"):
            yield from (f"{name}: {effect}" for effect in spoken(file.read_text(encoding="utf-8")))


def xml_effects(text: str) -> Iterator[str]:
    """What is wrong with a JUnit file."""
    try:
        names = {element.tag for element in ET.fromstring(text).iter()}
    except ET.ParseError as error:
        yield f"no XML: {error}"
        return
    if more := names - {"testsuites", "testsuite", "testcase", "failure", "error", "skipped"}:
        yield f"elements {sorted(more)}"
    yield from spoken(text)
