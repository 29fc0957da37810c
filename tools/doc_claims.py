"""Sentences of the documentation that a violated property contradicts: both sides quoted."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from tools.doc_records import Contradiction, Place

PAGES, DOCSTRING = "docs/", "docstring:"
OURS = "docs/"
"""Area of the probes that say what the oracle finds by itself."""
FENCED = re.compile(r"^\s*(?:```|~~~).*?^\s*(?:```|~~~)\s*$", re.M | re.S)
WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_SMALL = (
    "a an and are as at be been but by can do does each every for from has have if in into is it its may must no not of on one only or so "
    "such than that the their them then there these they this to was were what when where which while who will with without you your"
)
SMALL = frozenset(WORD.findall(_SMALL))
NAME = re.compile(r"\b([A-Za-z]\w*(?:[a-z][A-Z]|_)\w*|[A-Z]{4,})\b|`(\w+)`")
CODE = re.compile(r"Example:|[\w.]+\(|[\w.,\[\] ]+ = |[\"'@{}\[\])]|(?:from|import|return|await|async|def|class|raise|for|if|with) ")
"""How a line of code begins, or a docstring's example."""
ENOUGH = 4
"""Agreement of a sentence with a claim, below which they may speak of different things; code has to agree in more."""
ALMOST_ALL = 0.8
"""Share of a short sentence's words that makes up for one too few."""
LONGEST = 400
"""Longest quote, in characters."""


class Row(Protocol):
    """A verdict of the lab."""

    @property
    def probe(self) -> str:
        """Id of the probe."""

    @property
    def title(self) -> str:
        """The defect in one line."""

    @property
    def verdict(self) -> str:
        """Holds, violated, unknown or not_applicable."""

    @property
    def control(self) -> bool:
        """It is the probe's own control."""

    @property
    def expected(self) -> str:
        """What the claim says."""

    @property
    def observed(self) -> str:
        """What was seen."""

    @property
    def cause(self) -> str:
        """What a repair has to change."""


class Card(Protocol):
    """What the catalogue declares of a probe."""

    @property
    def claim(self) -> str:
        """What must hold."""

    @property
    def source(self) -> str:
        """Where that is promised."""


@dataclass(frozen=True)
class Violated:
    """A property that does not hold on the target, and where it was promised; `doubt` is empty when it is proven."""

    title: str
    claim: str
    source: str
    expected: str
    observed: str
    cause: str
    doubt: str = ""


@dataclass(frozen=True)
class Source:
    """The text of a section or docstring.

    Attributes:
        page: the page, or the dotted name.
        line: line of its heading or definition, from 1.
        text: all of it, as it is written.
    """

    page: str
    line: int
    text: str


def is_documented(source: str) -> bool:
    """Whether a claim is made by a page or a docstring."""
    return source.startswith((PAGES, DOCSTRING, "README"))


def of_rows(rows: Iterable[Row], cards: Mapping[str, Card], doubt: str = "") -> list[Violated]:
    """The violated documented properties among verdicts; of one probe and title the first."""
    found: dict[tuple[str, str], Violated] = {}
    for row in rows:
        card = cards.get(row.probe)
        if card and row.verdict == "violated" and not row.control and is_documented(card.source) and not row.probe.startswith(OURS):
            one = Violated(row.title, card.claim, card.source, row.expected, row.observed, row.cause or f"{row.probe}: {row.title}", doubt)
            found.setdefault((row.probe, row.title), one)
    return list(found.values())


def of_findings(findings: Iterable[Mapping[str, Any]]) -> Iterator[Violated]:
    """The violated documented properties among the findings of a check's JSON."""
    for one in findings:
        source = str(one["claim"]["source"])
        if is_documented(source) and not str(one.get("probe", "")).startswith(OURS):
            doubt = "" if one["status"] == "confirmed" else f"the check says {one['status']}: {one.get('reason', '')}"
            cause = str(one.get("cause") or one["fingerprint"])
            yield Violated(one["title"], one["claim"]["text"], source, one["expected"], one["observed"], cause, doubt)


def contradictions(violated: Iterable[Violated], sources: Mapping[str, Source]) -> list[Contradiction]:
    """The documentation's side and the target's side of every violated property that has both, one entry for each cause."""
    found: dict[str, list[Contradiction]] = {}
    for one in violated:
        source = sources.get(one.source)
        quote = quoted(source.text, f"{one.claim} {one.title}") if source else ""
        doubt = one.doubt or ("" if quote else "no sentence of the section speaks of it" if source else "this release has no such section")
        place = Place(
            page=source.page if source else one.source,
            line=line_of(source, quote) if source else 0,
            section=one.source,
            quote=quote,
        )
        cause = one.cause if one.cause.startswith("docs:") else f"docs:claim {one.cause}"
        entry = Contradiction(
            cause=cause,
            kind="claim",
            says=one.claim,
            has=f"{one.title}: expected {one.expected}; observed {one.observed}",
            status="unknown" if doubt else "confirmed",
            doubt=doubt,
            how="probe",
            places=(place,),
        )
        found.setdefault(cause, []).append(entry)
    return [joined(entries) for entries in found.values()]


def joined(entries: list[Contradiction]) -> Contradiction:
    """One entry with the places of all; confirmed when one of them is."""
    sure = [entry for entry in entries if entry.status == "confirmed"] or entries
    places = {(place.page, place.line): place for entry in sure for place in entry.places}
    return sure[0].model_copy(update={"places": tuple(places.values())})


def quoted(text: str, about: str) -> str:
    """The sentence of a text that says the same as `about`, with the next one when that does so too; empty when none does."""
    wanted = stems(about)
    parts = sentences(text)
    rated = [agreement(sentence, wanted) for sentence in parts]
    best = max(range(len(parts)), key=lambda index: rated[index], default=-1)
    if best < 0 or not rated[best]:
        return ""
    both = " ".join(parts[best : best + 2])
    return (both if any(rated[best + 1 : best + 2]) and len(both) <= LONGEST else parts[best])[:LONGEST]


def agreement(sentence: str, wanted: set[str]) -> int:
    """How many of the wanted words a sentence has, names of the API counted twice; 0 when that is too few to speak of the same thing."""
    said = stems(sentence)
    common = said & wanted
    names = {stem for pair in NAME.findall(sentence) for stem in stems(" ".join(pair))}
    score = len(common) + len(common & names)
    whole = score >= ENOUGH - 1 and len(common) >= ALMOST_ALL * len(said)
    lead_in = sentence.endswith((":", "(", ","))
    return 0 if lead_in or not (whole or score >= (ENOUGH + 2 if CODE.match(sentence) else ENOUGH)) else score


def sentences(text: str) -> list[str]:
    """Sentences, list items and table rows of a section or docstring, and its lines of code; headings are left out."""
    code = [line.strip() for fence in FENCED.findall(text) for line in fence.splitlines()[1:-1]]
    plain = FENCED.sub("\n\n", text)
    paragraphs = re.split(r"\n\s*\n|\n(?=\s*(?:[-*+]|\d+\.)\s)|\n(?=\s*\|)|\n(?=\s*\w+(?:\s*\([^)]*\))?:\s)", plain)
    flat = (" ".join(paragraph.split()) for paragraph in paragraphs)
    found = [part.strip() for paragraph in flat for part in re.split(r"(?<=[.!?])\s+(?=[A-Z`*\"(])", paragraph)]
    return [part for part in [*found, *code] if part and not re.fullmatch(r"[|\s:=~-]+", part) and not part.startswith(("#", "```", ">>>"))]


def stems(text: str) -> set[str]:
    """Words that say something, without their endings."""
    words = (part for word in WORD.findall(text) for part in (word, *word.split("_")))
    return {re.sub(r"(?:ing|ed|es|s|ly)$", "", word.lower()) for word in words if len(word) > 2 and word.lower() not in SMALL}


def line_of(source: Source, quote: str) -> int:
    """The line where a quote begins, as near as the text allows."""
    start = " ".join(quote.split()[:4])
    for offset, line in enumerate(source.text.splitlines()):
        if start and (start in " ".join(line.split()) or (line.strip() and line.strip() in start)):
            return source.line + offset
    return source.line
