"""Defaults of the observability classes are the documented ones."""

import inspect

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A default differs from the documented one",
    claim="The API reference gives the defaults of each constructor.",
    source="docs/api/wide-events.md#wideeventemitter",
    component="stageflow.observability.WideEventEmitter",
    subsystem="observability",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Programs that rely on the documentation behave differently.",
    recommendation="Use the documented value, or change the documentation with it.",
)

CASES = (
    Case(
        "WideEventEmitter",
        {
            "of": "stageflow.observability:WideEventEmitter",
            "defaults": {"stage_event_type": "stage.wide", "pipeline_event_type": "pipeline.wide"},
        },
    ),
)


@promised
def scenario(params):
    found = need(params["of"])
    need("stageflow.context:RunIdentity")().to_dict()
    given = inspect.signature(found).parameters
    expect_equal({name: given[name].default for name in params["defaults"]}, params["defaults"], "defaults")


def control(params):
    def documented(stage_event_type="stage.wide", pipeline_event_type="pipeline.wide"):
        return None

    given = inspect.signature(documented).parameters
    expect_equal({name: given[name].default for name in params["defaults"]}, params["defaults"], "defaults")
