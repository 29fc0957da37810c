"""The practitioner whose worries a mission takes on, as a page."""

from agent.core.roadmap import Entry
from agent.workload.rendering import render


def persona_page(entry: Entry) -> str:
    """Text of `mocks/persona.md`."""
    return render("persona.md.j2", entry=entry, domain=entry.domain)
