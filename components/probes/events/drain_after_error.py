"""One failing delivery while a sink is being stopped does not keep the other events from arriving."""

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="BackpressureAwareEventSink.stop() gives up draining at the first downstream error: it raises, and the rest is lost",
    claim="While draining, an event that the downstream sink refuses is logged and skipped, as the worker does; the "
    "remaining ones are delivered and stop() returns.",
    source="docstring:stageflow.events.sink.BackpressureAwareEventSink.stop",
    component="stageflow.events.BackpressureAwareEventSink._drain",
    subsystem="events",
    category="reliability",
    type="reliability",
    consequence="lost_telemetry",
    silent=False,
    default_setup=True,
    impact="One refused event at shutdown costs all events behind it and makes the shutdown itself fail.",
    recommendation="Handle exceptions of downstream.emit in _drain as in _worker.",
    workaround="Wrap the downstream sink so that emit never raises.",
    virtual_time=True,
    cause="stageflow.events.sink:BackpressureAwareEventSink._drain",
)

CASES = (Case("first fails", {"bad": [0]}), Case("middle fails", {"bad": [2]}), Case("two fail", {"bad": [1, 3]}))


class Refusing:
    """Refuses some events."""

    def __init__(self, bad):
        self.bad, self.arrived = bad, []

    async def emit(self, *, type, data):
        if data["n"] in self.bad:
            raise OSError("refused")
        self.arrived.append(data["n"])


async def verdict(make, params):
    downstream = Refusing(params["bad"])
    sink = make(downstream)
    await sink.start()
    for n in range(5):
        sink.try_emit(type="event", data={"n": n})
    _, error = await outcome(sink.stop(drain=True))
    seen = {"delivered": downstream.arrived, "stop": type(error).__name__ if error else "returned"}
    wanted = {"delivered": [n for n in range(5) if n not in params["bad"]], "stop": "returned"}
    expect_equal(seen, wanted, f"5 events, refused: {params['bad']}")


@promised
async def scenario(params):
    await verdict(need("stageflow.events:BackpressureAwareEventSink"), params)


class Sequential:
    """A sink whose stop() is sound."""

    def __init__(self, downstream):
        self._downstream, self._waiting = downstream, []

    async def start(self):
        self._waiting.clear()

    def try_emit(self, *, type, data):
        self._waiting.append((type, data))

    async def stop(self, *, drain=True):
        for kind, data in self._waiting:
            await outcome(self._downstream.emit(type=kind, data=data))


async def control(params):
    await verdict(Sequential, params)
