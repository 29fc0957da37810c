"""A test context uses the event sink it is given."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A test context drops the event sink it is given: all events are lost",
    claim="event_sink is the sink of the context; the no-op sink is used only when none is given.",
    source="docstring:stageflow.testing.create_test_stage_context",
    component="stageflow.testing.create_test_stage_context",
    subsystem="testing_helpers",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A recording sink hears nothing, and a test that no error event was emitted passes.",
    recommendation="Pass event_sink on to the context.",
)

CASES = (
    Case("stage-plain", {"helper": "create_test_stage_context"}),
    Case("pipeline-plain", {"helper": "create_test_pipeline_context"}, component="stageflow.testing.create_test_pipeline_context"),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.testing")
    return CASES


class Sink:
    """Keeps the types of events."""

    def __init__(self):
        self.types = []

    async def emit(self, *, type, data):
        self.types.append(type)

    def try_emit(self, *, type, data):
        self.types.append(type)


def scenario(params):
    sink = Sink()
    ctx = getattr(need("stageflow.testing"), params["helper"])(event_sink=sink)
    ctx.try_emit_event("probe.event", {})
    expect_equal(sink.types, ["probe.event"], "events in the sink")


def control(params):
    sink = Sink()
    sink.try_emit(type="probe.event", data={})
    expect_equal(sink.types, ["probe.event"], "events in the sink")
