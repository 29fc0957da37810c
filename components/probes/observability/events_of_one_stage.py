"""Asking an observable sink for the events of a stage gives these and no other."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ObservableEventSink.get_stage_events returns events of other stages whose name contains the wanted one",
    claim="get_stage_events gets the events for a specific stage.",
    source="docstring:stageflow.helpers.run_utils.ObservableEventSink.get_stage_events",
    component="stageflow.helpers.ObservableEventSink.get_stage_events",
    subsystem="observability",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A report on stage rank includes the failures of rerank; counts and durations are wrong.",
    recommendation="Match the whole name: data['stage'], or the middle part of the event type.",
    workaround="Filter sink.events by event['data'].get('stage').",
    cause="stageflow.helpers.run_utils:ObservableEventSink.get_stage_events",
)

STAGES = {"rank": 2, "rerank": 3, "llm": 1, "llm_fast": 2}
CASES = (Case("contained in another", {"stage": "rank"}), Case("prefix of another", {"stage": "llm"}))


def fill(sink, stages):
    for name in stages:
        for n in range(STAGES[name]):
            sink.try_emit(type=f"stage.{name}.completed", data={"stage": name, "n": n})


def verdict(sink, stage):
    found = [event["data"]["stage"] for event in sink.get_stage_events(stage)]
    expect_equal(found, [stage] * STAGES[stage], f"stages of the events got for {stage}")


@promised
def scenario(params):
    sink = need("stageflow.helpers:ObservableEventSink")(verbose=False)
    fill(sink, STAGES)
    verdict(sink, params["stage"])


def control(params):
    sink = need("stageflow.helpers:ObservableEventSink")(verbose=False)
    fill(sink, [params["stage"]])
    verdict(sink, params["stage"])
