"""A bus keeps its channels apart, gives them the configured size, and ends each when it is closed."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="RealtimeStageBus mixes up its channels or their settings",
    claim="Items published to a channel are got by its subscriber, in order, and by no other; each channel has the bus's "
    "or its own size and overflow setting.",
    source="docs/api/helpers.md#realtimestagebus",
    component="stageflow.helpers.RealtimeStageBus",
    subsystem="streaming",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Speech of one stage ends up in another, or tokens are lost.",
    recommendation="Keep one queue for each name, made with the given or default settings.",
    virtual_time=True,
)

CASES = (
    Case("routing", {"what": "routing"}),
    Case("subscribed first", {"what": "subscribed first"}),
    Case("close one", {"what": "close one"}),
    Case("close all", {"what": "close all"}),
    Case("default settings", {"what": "settings", "bus": {"default_max_size": 2, "default_drop_on_overflow": True}, "own": {}}),
    Case("own settings", {"what": "settings", "bus": {"default_max_size": 7}, "own": {"max_size": 2, "drop_on_overflow": True}}),
    Case(
        "own lossless",
        {
            "what": "lossless",
            "bus": {"default_max_size": 9, "default_drop_on_overflow": True},
            "own": {"max_size": 2, "drop_on_overflow": False},
        },
    ),
    Case("stats", {"what": "stats"}),
)


async def listen(bus, name, got):
    async for item in bus.subscribe(name):
        got.append(item)
    got.append("end")


async def routed(bus, first):
    """What the subscribers of two channels get."""
    heard = {"a": [], "b": []}
    tasks = [asyncio.ensure_future(listen(bus, name, heard[name])) for name in heard] if first else []
    await asyncio.sleep(1)
    for n in range(4):
        await bus.publish("ab"[n % 2], n)
    tasks = tasks or [asyncio.ensure_future(listen(bus, name, heard[name])) for name in heard]
    await asyncio.sleep(1)
    await bus.close_channel("a")
    await asyncio.sleep(1)
    return [heard["a"], heard["b"]]


async def settings(bus, own):
    """[answers of five puts within a minute, items kept]."""
    queue = await bus.channel("x", **own)
    same = await bus.channel("x")

    async def fill():
        return [await same.put(n) for n in range(5)]

    task = asyncio.ensure_future(fill())
    await asyncio.wait([task], timeout=60)
    return [len(task.result()) if task.done() else "waits", [queue.get_nowait() for _ in range(len(queue))][:2], queue is same]


async def observe(bus, params):
    what = params["what"]
    if what in ("routing", "subscribed first"):
        return await routed(bus, what != "routing")
    if what in ("settings", "lossless"):
        return await settings(bus, params["own"])
    answers = [await bus.publish(name, 1) for name in ("a", "b")]
    if what == "stats":
        stats = await bus.stats()
        return [[name, row["size"], row["closed"], row["backpressure"]["total_items"]] for name, row in stats.items()]
    await (bus.close_all() if what == "close all" else bus.close_channel("a"))
    return [*answers, await bus.publish("a", 2), await bus.publish("b", 2)]


WANTED = {
    "routing": [[0, 2, "end"], [1, 3]],
    "subscribed first": [[0, 2, "end"], [1, 3]],
    "close one": [True, True, False, True],
    "close all": [True, True, False, False],
    "settings": [5, [3, 4], True],
    "lossless": ["waits", [0, 1], True],
    "stats": [["a", 1, False, 1], ["b", 1, False, 1]],
}


@promised
async def scenario(params):
    bus = need("stageflow.helpers:RealtimeStageBus")(**params.get("bus", {}))
    expect_equal(await observe(bus, params), WANTED[params["what"]], params["what"])


async def control(params):
    queues = {name: asyncio.Queue() for name in "ab"}
    for n in range(4):
        await queues["ab"[n % 2]].put(n)
    expect_equal([queues["a"].get_nowait() for _ in range(2)], WANTED["routing"][0][:2], "items of one of two plain queues")
