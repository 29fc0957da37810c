"""A run's trace for people: the spans as a tree, and what the model calls took as a table."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.reporting.model_page import cost_of, tokens_of
from agent.reporting.span_facts import BUDGETED, COST, INPUT, OUTPUT, OWN, PHASE, SECONDS
from agent.reporting.spans import Span

ALWAYS = ("invoke_agent", "phase", "gate", "decision", "chat")
"""First words of spans that have a line each; tool calls without a decision are added up by tool."""

UNITS = {"invoke_agent": "s from start to end", "phase": "s of work"}


@dataclass(frozen=True)
class Line:
    """One line of the tree."""

    depth: int
    text: str


@dataclass(frozen=True)
class Row:
    """What the calls of one decision to one model took; `budgeted` is what the budget counts, known or not."""

    phase: str
    decision: str
    model: str
    calls: int
    tokens: str
    budgeted: int
    cost: str
    seconds: float


def rows(spans: Iterable[Span]) -> list[Row]:
    """By phase, decision and model, in the order in which they were first asked."""
    groups: dict[tuple[str, str, str], list[Span]] = defaultdict(list)
    for span in sorted(chats(spans), key=lambda span: span.start_ns):
        told = span.attributes
        model = f"{told['gen_ai.provider.name']} {told['gen_ai.request.model']}"
        groups[str(told[PHASE]), str(told[f"{OWN}.decision"]), model].append(span)
    return [row(*key, group) for key, group in groups.items()]


def total(spans: Iterable[Span]) -> Row:
    """All model calls of a run."""
    return row("all", "", "", chats(spans))


def chats(spans: Iterable[Span]) -> list[Span]:
    """The model calls."""
    return [span for span in spans if span.attributes.get("gen_ai.operation.name") == "chat"]


def row(phase: str, decision: str, model: str, spans: Sequence[Span]) -> Row:
    """The sum of some model calls, in the words of the report's last page."""
    calls = [call_of(span) for span in spans]
    budgeted = sum(int(str(span.attributes.get(BUDGETED, 0))) for span in spans)
    return Row(phase, decision, model, len(calls), tokens_of(calls), budgeted, cost_of(calls), round(sum(s.seconds for s in spans), 1))


def call_of(span: Span) -> dict[str, Any]:
    """A model call as the report's last page counts it."""
    told = span.attributes
    return {"prompt_tokens": told.get(INPUT), "answer_tokens": told.get(OUTPUT), "cost": told.get(COST)}


def tree(spans: Sequence[Span]) -> list[Line]:
    """Missions and what they did; what a killed process did not finish is a branch without an end."""
    ids = {span.span_id for span in spans}
    below: dict[str | None, list[Span]] = defaultdict(list)
    for span in sorted(spans, key=lambda span: (span.start_ns, -span.end_ns)):
        below[span.parent_span_id if span.parent_span_id in ids else None].append(span)
    lines = [line for span in below[None] if not span.parent_span_id for line in branch(span, below, 0)]
    loose = [span for span in below[None] if span.parent_span_id]
    if loose:
        lines.append(Line(0, "not finished"))
        lines += several(loose, below, 1)
    return lines


def branch(span: Span, below: dict[str | None, list[Span]], depth: int) -> Iterator[Line]:
    """A span and everything in it."""
    yield Line(depth, described(span))
    yield from several(below[span.span_id], below, depth + 1)


def several(spans: Sequence[Span], below: dict[str | None, list[Span]], depth: int) -> Iterator[Line]:
    """Spans of one parent; tool calls that hold nothing are added up where the first of them stands."""
    plain: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if single(span, below):
            continue
        plain[span.name].append(span)
    for span in spans:
        if single(span, below):
            yield from branch(span, below, depth)
        elif group := plain.pop(span.name, []):
            yield Line(depth, added_up(group))


def single(span: Span, below: dict[str | None, list[Span]]) -> bool:
    """Whether a span has a line of its own."""
    return span.name.partition(" ")[0] in ALWAYS or bool(below[span.span_id])


def described(span: Span) -> str:
    """One span."""
    failed = f"  {span.attributes.get('error.type', 'error')}" if span.status == "error" else ""
    calls = [call_of(span)] if span.name.startswith("chat ") else []
    took = f"  {tokens_of(calls)} tokens, cost {cost_of(calls)}" if calls else ""
    unit = UNITS.get(span.name.partition(" ")[0], "s")
    return f"{span.name}  {worked(span):.1f} {unit}{took}{failed}"


def worked(span: Span) -> float:
    """Working time where it is known: a span that was resumed also holds the time until then."""
    return float(str(span.attributes.get(SECONDS, span.seconds)))


def added_up(group: Sequence[Span]) -> str:
    """Calls of one tool."""
    failed = sum(span.status == "error" for span in group)
    tail = f"  {failed} failed" if failed else ""
    return f"{len(group)} x {group[0].name}  {sum(map(worked, group)):.1f} s{tail}"
