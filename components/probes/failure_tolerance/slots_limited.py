"""At most max_active_stages permissions are out at any time, and everybody who waits gets one in turn."""

import asyncio

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="BackpressureMonitor grants more or fewer slots than max_active_stages, or loses a waiter",
    claim="At most max_active_stages stages hold a slot at once; all who wait get one, in the order they asked.",
    source="docstring:stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor.acquire",
    subsystem="failure_tolerance",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Overload is not held back, or stages wait for ever.",
    recommendation="Guard every slot by one semaphore unit that is given back exactly once.",
    virtual_time=True,
)

CASES = (
    Case("1 slot, 4 stages", {"slots": 1, "stages": 4, "give_up": 0}),
    Case("3 slots, 10 stages", {"slots": 3, "stages": 10, "give_up": 0}),
    Case("2 slots, 8 stages, 2 give up", {"slots": 2, "stages": 8, "give_up": 2}),
)


async def crowd(acquire, release, params):
    """[most at once, who got a slot in order, virtual seconds taken]"""
    inside, most, order = 0, 0, []

    async def stage(number):
        nonlocal inside, most
        await acquire()
        order.append(number)
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(1)
        inside -= 1
        release()

    loop = asyncio.get_running_loop()
    began = loop.time()
    tasks = [asyncio.ensure_future(stage(number)) for number in range(params["stages"])]
    await asyncio.sleep(0.5)
    for task in tasks[params["slots"] : params["slots"] + params["give_up"]]:
        task.cancel()
    await asyncio.wait(tasks)
    return [most, order, round(loop.time() - began)]


def ideal_crowd(params):
    gone = range(params["slots"], params["slots"] + params["give_up"])
    order = [number for number in range(params["stages"]) if number not in gone]
    return [params["slots"], order, -(-len(order) // params["slots"])]


async def scenario(params):
    config = need("stageflow.pipeline.failure_tolerance:BackpressureConfig")(max_active_stages=params["slots"])
    monitor = need("stageflow.pipeline.failure_tolerance:BackpressureMonitor")(config)
    seen = await crowd(monitor.acquire, monitor.release, params)
    metrics = monitor.get_metrics()
    left = [metrics.get("active_count"), metrics.get("queued_count")]
    expect_equal([*seen, left], [*ideal_crowd(params), [0, 0]], "[most at once, order, seconds, [active, queued] left]")


async def control(params):
    semaphore = asyncio.Semaphore(params["slots"])
    seen = await crowd(semaphore.acquire, semaphore.release, params)
    expect_equal([*seen, [0, 0]], [*ideal_crowd(params), [0, 0]], "[most at once, order, seconds, [active, queued] left]")
