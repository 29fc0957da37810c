"""An emitted wide event does not change when its inputs change afterwards, and building it changes none of them."""

from datetime import UTC, datetime, timedelta

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A wide event shares its contents with the caller",
    claim="The payload holds copies of extra and of the keys of the results: what the caller does with them afterwards does not change an "
    "event that is still queued.",
    source="invariant:isolation",
    component="stageflow.observability.WideEventEmitter",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="Queued events tell about a later run.",
    recommendation="Copy the mapping given as extra.",
)

CASES = (Case("stage", {"what": "stage"}), Case("pipeline", {"what": "pipeline"}))


def verdict(build, extra, result):
    payload = build()
    before = repr(payload)
    extra["tier"], extra["late"] = "silver", 1
    result["late"] = 1
    expect_equal(repr(payload) == before, True, "the payload is as it was when it was built")


@promised
def scenario(params):
    emitter, start = need("stageflow.observability:WideEventEmitter")(), datetime(2024, 5, 6, tzinfo=UTC)
    extra, data = {"tier": "gold"}, {"answer": 1}
    result = need("stageflow.stages.result:StageResult")("only", "completed", start, start + timedelta(seconds=1), data)
    given = {"result": result} if params["what"] == "stage" else {"stage_results": {"only": result}}
    build = getattr(emitter, f"build_{params['what']}_payload")
    verdict(lambda: build(ctx=pipeline_context(), extra=extra, **given), extra, data)


def control(params):
    extra, data = {"tier": "gold"}, {"answer": 1}
    verdict(lambda: {"extra": dict(extra), "data_keys": sorted(data), "what": params["what"]}, extra, data)
