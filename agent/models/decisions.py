"""Every decision a model may be asked for, by name, with the record that its answer must fit. The template has the same name."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints

from agent.core.record import Record
from agent.models.decision import Decision

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=160)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=260)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class Queries(Record):
    """What to search the web for."""

    queries: tuple[Short, ...] = Field(min_length=1, max_length=3, description="search queries, best first")


class NewHypothesis(Record):
    """One hypothesis, with the passage behind it."""

    statement: Line = Field(description="what may go wrong, in one sentence")
    prediction: Line = Field(description="what a measurement will show if it is true")
    refuted_by: Line = Field(description="what observation would refute it")
    subsystems: tuple[str, ...] = Field(min_length=1, max_length=3, description="names from the list of subsystems")
    passage: str = Field(max_length=8, description="id of the passage")
    quote: Line = Field(description="words copied exactly from that passage")


class Hypotheses(Record):
    """Further hypotheses."""

    hypotheses: tuple[NewHypothesis, ...] = Field(max_length=3)


class NewRow(Record):
    """One record, told as what differs from a normal one."""

    kind: Literal["edge_cases", "adversarial"] = Field(description="edge_cases: unusual but allowed; adversarial: breaks a rule of a field")
    changes: dict[str, JsonValue] = Field(description="field name to value, for the fields that differ", min_length=1, max_length=4)
    why: Short = Field(description="what it tries")


class Rows(Record):
    """Further records."""

    rows: tuple[NewRow, ...] = Field(max_length=6)


class Target(Record):
    """Which property of which part of the framework to test."""

    oracle: Literal["call_accepted", "decorator_keeps", "round_trip", "argument_kept", "nothing_left", "results_agree"]
    subject: str = Field(default="", max_length=120, description="full dotted name from the list, empty for nothing_left and results_agree")
    why: Short


class ProbeCode(Record):
    """Code that builds a workload."""

    code: str = Field(min_length=10, max_length=6000)


class GraphStage(Record):
    """One stage of a graph."""

    name: Name
    after: tuple[Name, ...] = Field(default=(), max_length=7, description="stages that must come before it")
    returns: Literal["ok", "dict", "none", "skip"]
    ms: int = Field(ge=0, le=1000, description="how long it works")


class Graph(Record):
    """A graph of stages."""

    stages: tuple[GraphStage, ...] = Field(min_length=1, max_length=8)


class Paragraph(Record):
    """Prose."""

    text: str = Field(min_length=40, max_length=900)


class Suggestion(Record):
    """One improvement, tied to a finding."""

    finding: str = Field(pattern=r"^[A-Z]{2,4}-\d{3,4}$", description="id from the table")
    title: Short
    description: Line
    proposed_solution: Line
    kind: Literal["improvement", "feature_request", "documentation", "stagekind_suggestion", "component_suggestion", "pattern_suggestion"]
    priority: Literal["P0", "P1", "P2"]


class Suggestions(Record):
    """Improvements."""

    suggestions: tuple[Suggestion, ...] = Field(max_length=3)


DECISIONS: dict[str, Decision] = {
    made.name: made
    for made in (
        Decision("queries", "queries.md.j2", Queries, 200, phase="research"),
        Decision("hypotheses", "hypotheses.md.j2", Hypotheses, 700, phase="research"),
        Decision("rows", "rows.md.j2", Rows, 600, phase="simulate"),
        Decision("target", "target.md.j2", Target, 150, temperature=0.5, phase="execute"),
        Decision("probe", "probe.md.j2", ProbeCode, 700, form="code", phase="execute"),
        Decision("probe_repair", "probe_repair.md.j2", ProbeCode, 700, form="code", phase="execute"),
        Decision("graph", "graph.md.j2", Graph, 400, temperature=0.5, phase="execute"),
        Decision("newcomer", "newcomer.md.j2", ProbeCode, 350, form="code", phase="evaluate"),
        Decision("newcomer_again", "newcomer_again.md.j2", ProbeCode, 350, form="code", phase="evaluate"),
        Decision("summary", "summary.md.j2", Paragraph, 300, phase="report"),
        Decision("summary_repair", "summary_repair.md.j2", Paragraph, 300, phase="report"),
        Decision("suggestions", "suggestions.md.j2", Suggestions, 600, phase="recommend"),
    )
}
"""By name."""
