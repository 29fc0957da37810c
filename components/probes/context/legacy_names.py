"""Enrichments accept their old argument names, and the new name wins when both are given."""

import types

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import run_target

PROBE = Probe(
    title="An enrichment loses what is passed under a legacy argument name",
    claim="Legacy argument names fill the field of today's name; unknown names raise TypeError.",
    source="docstring:stageflow.context.enrichments.MemoryEnrichment.__init__",
    component="stageflow.context.MemoryEnrichment",
    subsystem="context",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Callers written for an older release get empty memories and documents.",
    recommendation="Map the legacy name unless the new one is given.",
)

MEMORY, DOCUMENT = "MemoryEnrichment", "DocumentEnrichment"
TEXT_BLOCK = [{"type": "text", "content": "hello"}]
ROWS = (
    (MEMORY, {"short_term": ["a"]}, "recent_topics", ["a"]),
    (MEMORY, {"long_term": ["b"]}, "key_facts", ["b"]),
    (MEMORY, {"summary": "s"}, "interaction_history_summary", "s"),
    (MEMORY, {"short_term": ["a"], "recent_topics": ["n"]}, "recent_topics", ["n"]),
    (MEMORY, {"long_term": ["b"], "key_facts": ["n"]}, "key_facts", ["n"]),
    (MEMORY, {"summary": "s", "interaction_history_summary": "n"}, "interaction_history_summary", "n"),
    (DOCUMENT, {"doc_id": "d"}, "document_id", "d"),
    (DOCUMENT, {"doc_type": "pdf"}, "document_type", "pdf"),
    (DOCUMENT, {"doc_id": "d", "document_id": "n"}, "document_id", "n"),
    (DOCUMENT, {"content": "hello"}, "blocks", TEXT_BLOCK),
    (DOCUMENT, {"content": "hello", "blocks": [{"n": 1}]}, "blocks", [{"n": 1}]),
    (DOCUMENT, {"documents": [{"id": "d", "content": "hello"}]}, "document_id", "d"),
    (DOCUMENT, {"documents": [{"id": "d", "content": "hello"}]}, "blocks", TEXT_BLOCK),
    (DOCUMENT, {"documents": [{"metadata": {"k": 1}}], "metadata": {"m": 2}}, "metadata", {"m": 2, "k": 1}),
)
CASES = (
    *(
        Case(
            f"{record} {'+'.join(given)} {field}",
            {"record": record, "given": given, "field": field, "value": value},
            component=f"stageflow.context.{record}",
        )
        for record, given, field, value in ROWS
    ),
    *(
        Case(
            f"{record} unknown",
            {"record": record, "given": {"unknown": 1}, "field": "", "value": "TypeError"},
            component=f"stageflow.context.{record}",
        )
        for record in (MEMORY, DOCUMENT)
    ),
)


def verdict(make, params):
    try:
        record = make(**params["given"])
    except TypeError:
        if params["value"] == "TypeError":
            return
        raise
    if params["value"] == "TypeError":
        raise Violation("TypeError for an unknown argument", "it is accepted")
    expect_equal(getattr(record, params["field"]), params["value"], f"{params['record']}({', '.join(params['given'])}).{params['field']}")


@promised
def scenario(params):
    run_target()
    verdict(need(f"stageflow.context:{params['record']}"), params)


OLD_NAMES = {"short_term", "long_term", "summary", "doc_id", "doc_type", "documents", "content"}


def by_hand(params):
    """The record in plain Python."""

    def make(**given):
        if set(given) - OLD_NAMES - {row[2] for row in ROWS}:
            raise TypeError("unknown argument")
        return types.SimpleNamespace(**{params["field"]: params["value"]})

    return make


def control(params):
    verdict(by_hand(params), params)
