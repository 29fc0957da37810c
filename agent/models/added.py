"""What a model added to a run beside the playbook's own files: where it is kept, and its prose in the form that is printed."""

import re
from typing import Any, Literal

from agent.core.record import Record
from agent.core.workspace import Workspace

RESEARCH = "research/model.json"
"""Further searches, pages that were read or not, and the accepted hypotheses, each with the id of the passage it quotes."""
PASSAGES = "research/passages.jsonl"
"""The passages, each with the ids of the hypotheses that quote it."""
SUMMARY = "results/records/model/summary.json"
"""The paragraph that passed its check."""


class Passage(Record):
    """Words that were really read, as they are stored and may be quoted."""

    id: str
    """Unique in the run."""
    kind: Literal["documentation", "web"]
    """The vendored documentation, or a page of the web."""
    place: str
    """Path and section, or address."""
    title: str = ""
    """Of the page."""
    text: str
    """One line; what read like an instruction is taken out."""
    sha256: str
    """Of the text as it was read."""
    page_sha256: str
    """Of the page's bytes."""
    retrieved_at: str = ""
    """When the page was fetched, ISO 8601, UTC; empty for documentation, which is part of the project."""
    instructions_removed: int = 0
    """Lines that read like an instruction; such a passage is not shown to a model."""
    shown: bool = False
    """Whether the model that was asked for hypotheses could see it."""
    hypotheses: tuple[str, ...] = ()
    """Ids of those that quote it."""


def researched(workspace: Workspace) -> dict[str, Any]:
    """What is in `RESEARCH`; empty when no model was asked."""
    return dict(workspace.read_json(RESEARCH) or {})


def stored_passages(workspace: Workspace) -> list[Passage]:
    """What is in `PASSAGES`."""
    file = workspace.path(PASSAGES)
    lines = file.read_text(encoding="utf-8").split("\n") if file.is_file() else []
    return [Passage.model_validate_json(line) for line in lines if line]


def one_line(text: str) -> str:
    """Prose without line breaks and without what a page would take for markup."""
    return re.sub(r"[<>|#*\[\]]", "", " ".join(text.split()))
