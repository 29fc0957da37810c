"""Tells two runs of one mission apart by what they found, and by what a model answered in them."""

import json
from collections import Counter
from collections.abc import Iterator

from agent.core.artifacts import RECORDS, CallResult
from agent.core.findings import MEASURED
from agent.core.workspace import Workspace
from agent.reporting.model_page import markers, short

FILES = {"bugs.json": "defect", "dx.json": "developer-experience finding", "improvements.json": "suggestion", "strengths.json": "strength"}
"""Files of findings, and what is in them."""
WORDS = 110
"""Characters of an answer that are shown."""


def differing_findings(one: Workspace, other: Workspace) -> Iterator[str]:
    """One line for every finding that only one of the runs has."""
    for file, word in FILES.items():
        before, after = titles(one, file), titles(other, file)
        yield from (f"{word} only in {one.root.name}: {title}" for title in sorted((before - after).elements()))
        yield from (f"{word} only in {other.root.name}: {title}" for title in sorted((after - before).elements()))


def titles(workspace: Workspace, file: str) -> Counter[str]:
    """How often a title stands in a file of findings; suggestions that follow from a measurement are left out."""
    rows = (workspace.read_json(file) or {}).get("findings", [])
    return Counter(row["title"] for row in rows if row.get("category") != MEASURED)


def differing_decisions(one: Workspace, other: Workspace) -> Iterator[str]:
    """One line for every decision that was answered otherwise, or asked in one of the runs only."""
    before, after = decisions(one), decisions(other)
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield f"{key[0]} {key[1]}: {clipped(old)} -> {clipped(new)}"


def decisions(workspace: Workspace) -> dict[tuple[str, str], str]:
    """Phase and name of every decision to what came of asking for it."""
    asked = [(phase, marker) for phase in RECORDS for marker in markers(workspace, phase) if marker.tool == "ask_model"]
    return {(phase, short(marker)): answer_of(marker) for phase, marker in asked}


def answer_of(marker: CallResult) -> str:
    """The answer in one line."""
    answer = marker.result.get("answer")
    if answer is None:
        return "no usable answer"
    fields = answer.values() if len(answer) == 1 else [answer]
    return " ".join(" ".join(f if isinstance(f, str) else json.dumps(f, ensure_ascii=False) for f in fields).split())


def clipped(answer: str | None) -> str:
    """An answer as it is shown."""
    if answer is None:
        return "(not asked)"
    return answer if len(answer) <= WORDS else f"{answer[:WORDS]}..."
