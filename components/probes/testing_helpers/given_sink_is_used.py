"""A test context uses the event sink it is given, also when that sink is still empty."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="create_test_stage_context drops an event sink that has a length of 0: all events are lost",
    claim="event_sink is the sink of the context; the no-op sink is used only when none is given.",
    source="docstring:stageflow.testing.create_test_stage_context",
    component="stageflow.testing.create_test_stage_context",
    subsystem="testing_helpers",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="A recording sink with __len__ hears nothing, and a test that no error event was emitted passes.",
    recommendation="Write `NoOpEventSink() if event_sink is None else event_sink` instead of `event_sink or NoOpEventSink()`.",
    workaround="Define __bool__ on the sink.",
)

OTHER = "create_test_pipeline_context drops an event sink that has a length of 0: all events are lost"
CASES = (
    Case("stage-plain", {"helper": "create_test_stage_context", "sized": False}),
    Case(
        "pipeline-plain",
        {"helper": "create_test_pipeline_context", "sized": False},
        component="stageflow.testing.create_test_pipeline_context",
    ),
    Case("stage-sized", {"helper": "create_test_stage_context", "sized": True}),
    Case(
        "pipeline-sized", {"helper": "create_test_pipeline_context", "sized": True}, OTHER, "stageflow.testing.create_test_pipeline_context"
    ),
)


class Sink:
    """Keeps the types of events."""

    def __init__(self):
        self.types = []

    async def emit(self, *, type, data):
        self.types.append(type)

    def try_emit(self, *, type, data):
        self.types.append(type)


class SizedSink(Sink):
    """The same with a length, 0 at first."""

    def __len__(self):
        return len(self.types)


def scenario(params):
    sink = SizedSink() if params["sized"] else Sink()
    ctx = getattr(need("stageflow.testing"), params["helper"])(event_sink=sink)
    ctx.try_emit_event("probe.event", {})
    expect_equal(sink.types, ["probe.event"], "events in the sink")


def control(params):
    sink = SizedSink() if params["sized"] else Sink()
    sink.try_emit(type="probe.event", data={})
    expect_equal(sink.types, ["probe.event"], "events in the sink")
