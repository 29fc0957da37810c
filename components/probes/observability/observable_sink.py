"""An observable sink keeps every event once, in order, with its data, until it is cleared."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ObservableEventSink loses, repeats or mixes up events",
    claim="Captured events are those emitted, in order; get_events_by_type selects by type; clear() forgets all; capture=False keeps none.",
    source="docstring:stageflow.helpers.run_utils.ObservableEventSink",
    component="stageflow.helpers.ObservableEventSink",
    subsystem="observability",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The events of a RunResult are not those of the run.",
    recommendation="Append each event once with its own data.",
)

CASES = (
    Case("emitted", {"options": {}, "how": "emit", "then": "all"}),
    Case("tried", {"options": {}, "how": "try", "then": "all"}),
    Case("by type", {"options": {}, "how": "try", "then": "completed"}),
    Case("cleared", {"options": {}, "how": "try", "then": "clear"}),
    Case("not captured", {"options": {"capture": False}, "how": "emit", "then": "none"}),
)
EVENTS = (("stage.a.started", {"n": 0}), ("stage.a.completed", {"n": 1}), ("tool.started", None), ("stage.b.completed", {"n": 3}))
WANTED = {"all": [0, 1, 2, 3], "completed": [1, 3], "clear": [], "none": []}


class Keeping:
    """The rule in plain Python."""

    def __init__(self, *, verbose=False, capture=True):
        self._capture, self.events = capture, []

    async def emit(self, *, type, data):
        self.try_emit(type=type, data=data)

    def try_emit(self, *, type, data):
        self.events += [{"type": type, "data": data or {}}] if self._capture else []

    def get_events_by_type(self, part):
        return [event for event in self.events if part in event["type"]]

    def clear(self):
        self.events.clear()


async def verdict(sink, params):
    for kind, data in EVENTS:
        if params["how"] == "emit":
            await sink.emit(type=kind, data=data)
        else:
            sink.try_emit(type=kind, data=data)
    if params["then"] == "clear":
        sink.clear()
    found = sink.get_events_by_type("completed") if params["then"] == "completed" else sink.events
    wanted = [[EVENTS[n][0], EVENTS[n][1] or {}] for n in WANTED[params["then"]]]
    expect_equal([[event["type"], event["data"]] for event in found], wanted, "[type, data] of the events")


@promised
async def scenario(params):
    await verdict(need("stageflow.helpers:ObservableEventSink")(verbose=False, **params["options"]), params)


async def control(params):
    await verdict(Keeping(**params["options"]), params)
