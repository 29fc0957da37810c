"""The event that a truncation is recorded as has everything that was told about it."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A recorded truncation lacks something that was told about it",
    claim="record_truncation() returns an event with the given token counts, strategy, content type, reason and metadata.",
    source="docstring:stageflow.context.enrich.TruncationTracker.record_truncation",
    component="stageflow.context.TruncationTracker.record_truncation",
    subsystem="enrich",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Nobody can tell afterwards what was cut from a prompt and why.",
    recommendation="Pass each argument on to the event.",
)

FIELDS = ("original_tokens", "truncated_tokens", "strategy", "content_type", "reason", "metadata", "preserved_ratio", "tokens_removed")
GIVEN = {"original_tokens": 1000, "truncated_tokens": 250, "strategy": "tail", "content_type": "document", "reason": "token_budget"}
CASES = (Case("without metadata", {"metadata": None}), Case("with metadata", {"metadata": {"document": "d", "page": 0}}))


def by_hand(params):
    return GIVEN | {"metadata": params["metadata"] or {}, "preserved_ratio": 0.25, "tokens_removed": 750}


@promised
def scenario(params):
    tracker = need("stageflow.context:TruncationTracker")()
    event = tracker.record_truncation(**GIVEN, **({"metadata": params["metadata"]} if params["metadata"] else {}))
    expect_equal({name: getattr(event, name) for name in FIELDS}, by_hand(params) | {}, "fields of the event")


def control(params):
    told = by_hand(params)
    ratio = told["truncated_tokens"] / told["original_tokens"]
    expect_equal([told["preserved_ratio"], told["tokens_removed"]], [ratio, 1000 - 250], "numbers by arithmetic")
