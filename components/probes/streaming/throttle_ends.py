"""When consumers have emptied a queue, its monitor no longer asks producers to slow down."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A drained ChunkQueue still tells producers to throttle: its monitor only looks at puts",
    claim="fill_percentage is the current fill of the queue, and throttling stops at the low water mark.",
    source="docstring:stageflow.helpers.streaming.BackpressureMonitor.__init__",
    component="stageflow.helpers.ChunkQueue.get",
    subsystem="streaming",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="A producer that waits while queue.monitor.should_throttle() waits for ever; without it, streams stay throttled "
    "until the next put.",
    recommendation="Tell the monitor the new size in get() and get_nowait() too.",
    workaround="Use len(queue) instead of the monitor.",
    virtual_time=True,
)

CASES = (Case("emptied", {"size": 10, "put": 10, "get": 10}), Case("below the low water mark", {"size": 10, "put": 9, "get": 8}))


@promised
async def scenario(params):
    queue = need("stageflow.helpers:ChunkQueue")(max_size=params["size"])
    for n in range(params["put"]):
        await queue.put(n)
    before = queue.monitor.should_throttle()
    for _ in range(params["get"]):
        await queue.get()
    expect_equal([before, queue.monitor.should_throttle()], [True, False], "should_throttle() [when full, when drained]")


async def control(params):
    monitor = need("stageflow.helpers:BackpressureMonitor")()
    monitor.record_put(params["put"], params["size"])
    before = monitor.should_throttle()
    monitor.record_put(params["put"] - params["get"], params["size"])
    expect_equal([before, monitor.should_throttle()], [True, False], "should_throttle() [when full, when drained]")
