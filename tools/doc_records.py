"""What a check of the documentation finds: contradictions with every place that makes them, and what became of the blocks."""

from typing import Literal

from pydantic import Field

from agent.core.tool import Record

How = Literal["compiled", "resolved", "ran", "probe"]


class Place(Record):
    """Where the documentation says it."""

    page: str = Field(description="the page, relative to the documentation's folder; for a docstring its dotted name")
    line: int = Field(description="line of the page, from 1; 0 when unknown")
    section: str = Field(description="`page.md#anchor` of the section, or `docstring:<name>`")
    quote: str = Field(description="that line; of a claim its sentences")


class Contradiction(Record):
    """One mistake of the documentation, with every place that makes it."""

    cause: str = Field(description="`docs:<mistake>`: identity of the mistake over pages and releases")
    kind: str = Field(description="what sort of mistake it is, e.g. keyword, attribute, name, syntax, crash, claim")
    says: str = Field(description="what the documentation does or claims")
    has: str = Field(description="what the target really has or does")
    status: Literal["confirmed", "unknown"] = Field(description="unknown: there is a doubt, which `doubt` names")
    doubt: str = Field(default="", description="why it may not be a mistake")
    how: How = Field(description="how it was decided; `ran` and `probe` are decided twice, in fresh processes")
    places: tuple[Place, ...] = Field(description="where, in order")


class DocCounts(Record):
    """What became of the blocks."""

    pages: int
    docstring_examples: int = Field(description="examples in docstrings: resolved, not run, and not among the blocks")
    blocks: int
    code: int = Field(description="blocks that are meant to be run as they stand: modules, sessions, and what does not compile")
    compiled: int = Field(description="those of them that compile")
    fragments: int = Field(description="sketches and extracts: not run, but resolved")
    signatures: int = Field(description="signatures without bodies: compared with the real ones")
    resolved: int = Field(description="blocks of any sort whose uses of the target were followed without meeting a mistake")
    mistaken: int = Field(description="blocks with a confirmed mistake")
    ran: int = Field(description="blocks that ran to their end as they are written, after the earlier blocks of their page")
    ran_with_imports: int = Field(description="blocks that ran to their end once the imports that they imply were supplied")
    needs: dict[str, int] = Field(description="blocks that need something from outside, by what: name, package, file, network, time")
    failed: int = Field(description="blocks that stopped because of the target, or by a mistake of their own")
    unknown: int = Field(description="blocks that stopped for a reason that cannot be decided, or were not reached in the time given")


class DocCheck(Record):
    """Result of `docs check`."""

    target: str
    version: str
    fingerprint: str = Field(description="of the target's files")
    documentation: str = Field(description="folder of the pages")
    contradictions: tuple[Contradiction, ...] = Field(description="confirmed ones, those made most often first")
    unknown: tuple[Contradiction, ...] = Field(description="doubtful ones")
    counts: DocCounts
    share_that_runs: float = Field(description="`running_share` of the counts")
    incomplete: str = Field(default="", description="why not everything was looked at; empty when it was")
    seconds: float


def running_share(counts: DocCounts) -> float:
    """Share of the documented code that runs as it is written, from 0 to 1; for the score of the developer experience."""
    return round(counts.ran / counts.code, 4) if counts.code else 0.0
