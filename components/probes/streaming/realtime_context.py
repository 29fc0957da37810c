"""The realtime context connects its stages through the bus that is returned, made as asked for."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="create_realtime_stage_context does not connect its stages through the returned bus",
    claim="Returns (StageContext, RealtimeStageBus): the context has the given snapshot, and the bus, the given one or a "
    "new one with the given settings, in its ports.",
    source="docs/api/helpers.md#create_realtime_stage_context",
    component="stageflow.helpers.create_realtime_stage_context",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages publish into a bus nobody listens to.",
    recommendation="Put the bus into the ports of the context and hand its settings on.",
    virtual_time=True,
)

CASES = (
    Case("new bus", {"options": {}, "given": False, "kept": None}),
    Case("given bus", {"options": {}, "given": True, "kept": None}),
    Case("dropping", {"options": {"bus_max_size": 2, "bus_drop_on_overflow": True}, "given": False, "kept": [3, 4]}),
    Case("waiting", {"options": {"bus_max_size": 2}, "given": False, "kept": [0, 1]}),
)


async def filled(bus):
    """First items of a channel into which five were published, as far as there was room."""

    async def fill():
        for n in range(5):
            await bus.publish("x", n)

    await asyncio.wait([asyncio.ensure_future(fill())], timeout=10)
    queue = await bus.channel("x")
    return [queue.get_nowait() for _ in range(2)]


@promised
async def scenario(params):
    helpers = need("stageflow.helpers")
    create = need("stageflow.helpers:create_realtime_stage_context")
    snapshot = need("stageflow.context:ContextSnapshot")(input_text="hello")
    given = helpers.RealtimeStageBus() if params["given"] else None
    ctx, bus = create(snapshot, bus=given, **params["options"])
    seen = [
        ctx.snapshot is snapshot,
        ctx.inputs.ports.realtime_bus is bus,
        bus is given if params["given"] else isinstance(bus, helpers.RealtimeStageBus),
    ]
    expect_equal(seen, [True, True, True], "[given snapshot, bus in the ports, right bus]")
    if params["kept"]:
        expect_equal(await filled(bus), params["kept"], "first items in a channel after publishing five")


class Plain:
    """A bus of one bounded channel."""

    def __init__(self, size, drop):
        self._size, self._drop, self._items = size, drop, []

    async def publish(self, name, item):
        if len(self._items) >= self._size:
            if not self._drop:
                await asyncio.sleep(1e6)
            self._items.pop(0)
        self._items.append(item)

    async def channel(self, name):
        return self

    def get_nowait(self):
        return self._items.pop(0)


async def control(params):
    options = params["options"]
    bus = Plain(options.get("bus_max_size", 100), options.get("bus_drop_on_overflow", False))
    expect_equal(await filled(bus), params["kept"] or [0, 1], "first items in a channel after publishing five")
