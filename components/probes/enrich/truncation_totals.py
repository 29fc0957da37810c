"""A truncation tracker's totals are those of the truncations it recorded."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TruncationTracker's totals differ from the truncations it recorded",
    claim="Each record counts once; removed tokens and preserved ratios add up over all records.",
    source="docstring:stageflow.context.enrich.TruncationTracker",
    component="stageflow.context.TruncationTracker",
    subsystem="enrich",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Reports understate how much evidence was cut.",
    recommendation="Compute the totals from the recorded events.",
)

CASES = (
    Case("none", {"rows": []}),
    Case("one", {"rows": [[1000, 250, "tail"]]}),
    Case("three", {"rows": [[1000, 250, "tail"], [80, 80, "head"], [10, 0, "tail"]]}),
    Case("one token", {"rows": [[1, 0, "tail"]]}),
    Case("empty content", {"rows": [[0, 0, "head"]]}),
)


def by_hand(rows):
    """Totals in plain Python."""
    ratios = [kept / size if size else 1.0 for size, kept, _ in rows]
    totals = {"event_count": len(rows), "total_tokens_removed": sum(size - kept for size, kept, _ in rows)}
    totals["strategies_used"] = sorted({name for _, _, name in rows})
    return (totals | {"content_types": ["document"], "avg_preserved_ratio": sum(ratios) / len(ratios)}) if rows else totals


def in_order(summary):
    """The summary with its lists sorted: they come from sets."""
    return {key: sorted(value) if isinstance(value, list) else value for key, value in summary.items()}


@promised
def scenario(params):
    tracker = need("stageflow.context:TruncationTracker")()
    for size, kept, strategy in params["rows"]:
        tracker.record_truncation(size, kept, strategy, "document", "budget")
    expect_equal(
        [tracker.event_count, tracker.total_tokens_removed],
        list(by_hand(params["rows"]).values())[:2],
        "[event_count, total_tokens_removed]",
    )
    expect_equal(in_order(tracker.get_summary()), by_hand(params["rows"]), "get_summary()")


def control(params):
    totals = by_hand(params["rows"])
    expect_equal(
        totals["total_tokens_removed"], sum(r[0] for r in params["rows"]) - sum(r[1] for r in params["rows"]), "removed = before - after"
    )
