"""A recorded truncation is announced through the event sink."""

from components.lab.flow import RecordingSink
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TruncationTracker never delivers its event: it calls try_emit with positional arguments, and only a warning is logged",
    claim="record_truncation() emits one context.truncation event with the recorded numbers through the event sink it was given.",
    source="docs/guides/enrich.md#observability-checklist",
    component="stageflow.context.TruncationTracker.record_truncation",
    subsystem="enrich",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="No dashboard or alert ever hears that evidence was cut out of a prompt.",
    recommendation="Call self._event_sink.try_emit(type='context.truncation', data=event.to_dict()).",
    workaround="Emit the event yourself from the value that record_truncation returns.",
    cause="stageflow.context.enrich:TruncationTracker.record_truncation",
)

CASES = (Case("recording sink", {"sink": "recording"}), Case("backpressure sink", {"sink": "backpressure"}))
NUMBERS = {"original_tokens": 1000, "truncated_tokens": 250, "strategy": "tail", "content_type": "document", "reason": "token_budget"}


async def announced(sink_kind, emit):
    """Events that arrive at the end of the chain after `emit(sink)`."""
    end = RecordingSink()
    if sink_kind == "recording":
        emit(end)
        return end.events
    sink = need("stageflow.events:BackpressureAwareEventSink")(end)
    await sink.start()
    emit(sink)
    await sink.stop()
    return end.events


def verdict(events):
    seen = [[kind, {name: data.get(name) for name in (*NUMBERS, "tokens_removed")}] for kind, data in events]
    expect_equal(seen, [["context.truncation", NUMBERS | {"tokens_removed": 750}]], "events announced for one truncation")


@promised
async def scenario(params):
    tracker = need("stageflow.context:TruncationTracker")
    verdict(await announced(params["sink"], lambda sink: tracker(sink).record_truncation(**NUMBERS)))


async def control(params):
    data = NUMBERS | {"tokens_removed": 750}
    verdict(await announced(params["sink"], lambda sink: sink.try_emit(type="context.truncation", data=data)))
