"""The size of a closed queue is the number of items in it."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="The size of a closed ChunkQueue is one too high: it counts the end signal",
    claim="len(queue) and the size in RealtimeStageBus.stats() are the current number of items.",
    source="docstring:stageflow.helpers.streaming.ChunkQueue.__len__",
    component="stageflow.helpers.ChunkQueue.__len__",
    subsystem="streaming",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Until its end has been read, a closed channel seems to hold one item more; a loop like 'while len(queue)' processes None.",
    recommendation="Do not count the end signal.",
    workaround="Subtract one when is_closed.",
    virtual_time=True,
    cause="stageflow.helpers.streaming:ChunkQueue.__len__",
)

CASES = (Case("empty", {"items": 0, "bus": False}), Case("three items", {"items": 3, "bus": False}), Case("bus", {"items": 2, "bus": True}))


async def size(params, close):
    helpers = need("stageflow.helpers")
    if params["bus"]:
        bus = helpers.RealtimeStageBus()
        for n in range(params["items"]):
            await bus.publish("channel", n)
        if close:
            await bus.close_all()
        return (await bus.stats())["channel"]["size"]
    queue = helpers.ChunkQueue()
    for n in range(params["items"]):
        await queue.put(n)
    if close:
        await queue.close()
    return len(queue)


@promised
async def scenario(params):
    expect_equal(await size(params, True), params["items"], "size after closing")


async def control(params):
    expect_equal(await size(params, False), params["items"], "size before closing")
