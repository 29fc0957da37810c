"""Where a model's hypotheses come from: each with the words it quotes, their address, time and hashes; and the pages behind them."""

from dataclasses import dataclass

from agent.core.workspace import Workspace
from agent.models.added import Passage, one_line, researched, stored_passages


@dataclass(frozen=True)
class Claim:
    """A hypothesis that was added, and the passage it quotes."""

    id: str
    statement: str
    prediction: str
    refuted_by: str
    quote: str
    source: Passage


@dataclass(frozen=True)
class PageTried:
    """A page of the web that was asked for; `error` is empty when it was read."""

    url: str
    title: str
    passages: int
    retrieved_at: str
    sha256: str
    error: str


def claims(workspace: Workspace) -> tuple[Claim, ...]:
    """Added hypotheses whose passage is stored, in their order."""
    found = {passage.id: passage for passage in stored_passages(workspace)}
    return tuple(
        Claim(
            id=row["id"],
            statement=one_line(row["statement"]),
            prediction=one_line(row["prediction"]),
            refuted_by=one_line(row["refuted_by"]),
            quote=" ".join(row["quote"].split()),
            source=found[row["passage"]],
        )
        for row in researched(workspace).get("hypotheses", [])
        if row["passage"] in found
    )


def pages_tried(workspace: Workspace) -> tuple[PageTried, ...] | None:
    """Pages that were asked for, in that order; None when the run does not say, because it did not come that far."""
    rows = researched(workspace).get("pages")
    if rows is None:
        return None
    return tuple(
        PageTried(row["page"] or row["url"], row["title"], row["passages"], row["retrieved_at"], row["sha256"], row["error"])
        for row in rows
    )
