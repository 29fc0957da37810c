"""No more callers than allowed are inside at any moment, in any overlap."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.interleave_kit import all_results, result_of, strategy_of, under_schedules
from components.lab.overlap_kit import Room
from components.lab.plain_kit import PlainLimiter, PlainOnce, plain_many
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="More callers than allowed are inside at once",
    claim="A limit on how many work at once holds at every moment, also while callers come, fail, time out and leave.",
    source="invariant:mutual exclusion",
    component="stageflow.pipeline.failure_tolerance.BackpressureMonitor",
    subsystem="reliability",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Work that must happen once happens twice, and limits that protect a service do not.",
    recommendation="Hold the lock or the place from before the check until after the work.",
    workaround="Limit concurrency with a semaphore of your own.",
    seconds=30.0,
)

COMPONENTS = {
    "limiter": "stageflow.pipeline.failure_tolerance.BackpressureMonitor",
    "duplicates": "stageflow.pipeline.idempotency.IdempotencyInterceptor.before",
    "slow store": "stageflow.pipeline.idempotency.IdempotencyInterceptor",
    "fetcher": "stageflow.websearch.Fetcher.fetch_many",
    "client": "stageflow.websearch.WebSearchClient.fetch_many",
    "pages": "stageflow.websearch.run_utils.fetch_pages",
    "deliveries": "stageflow.events.BackpressureAwareEventSink",
    "writes": "stageflow.helpers.BufferedExporter",
}
CASES = (
    *(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items()),
    Case(
        "half-open breaker",
        {"target": "breaker", "seeds": 2},
        title="The half-open circuit breaker lets every concurrent call through",
        component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.before",
        cause="stageflow.pipeline.interceptors:CircuitBreakerInterceptor.before",
    ),
)


async def limited(schedule, limiter):
    room = Room(schedule)

    async def use(fails):
        await schedule.pause()
        await limiter.acquire()
        try:
            await outcome(room.visit(fails))
        finally:
            limiter.release()

    await all_results(*(use(n % 2 == 0) for n in range(7)), what="every user of the limiter")
    room.judge(2, "users of a limiter for 2")


async def limiter_scene(schedule):
    module = "stageflow.pipeline.failure_tolerance"
    await limited(schedule, need(f"{module}:BackpressureMonitor")(need(f"{module}:BackpressureConfig")(max_active_stages=2)))


async def charged(schedule, make):
    """Requests with one key, of which the first one fails: one at a time, and one success."""
    room, done = Room(schedule), []

    async def charge():
        await room.visit(fails=room.visits == 0)
        done.append("done")
        return {"receipt": len(done)}

    request = make(charge)

    async def caller():
        await schedule.pause()
        return await outcome(request())

    await all_results(*(caller() for _ in range(5)), what="every request with the key")
    room.judge(1, "requests with one key in the stage")
    expect_equal(len(done), 1, "successes with one key")


def idempotent(charge, store=None):
    async def stage(ctx):
        return await charge()

    interceptor = need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(store=store)
    built = graph(pipeline(("charge", stage, (), "work")), [interceptor])
    return lambda: built.run(context(data={"idempotency_key": "order"}))


async def duplicates_scene(schedule):
    await charged(schedule, idempotent)


async def slow_store_scene(schedule):
    inner = need("stageflow.pipeline.idempotency:InMemoryIdempotencyStore")()

    class SlowStore:
        async def get(self, key):
            await schedule.pause()
            found = await inner.get(key)
            await schedule.pause()
            return found

        async def set(self, key, entry, *, ttl_seconds=None):
            await schedule.pause()
            await inner.set(key, entry, ttl_seconds=ttl_seconds)
            await schedule.pause()

        async def delete(self, key):
            await inner.delete(key)

    await charged(schedule, lambda charge: idempotent(charge, SlowStore()))


def fetcher_of(room):
    base, result = need("stageflow.websearch:Fetcher"), need("stageflow.websearch:FetchResult")

    class SlowFetcher(base):
        async def _do_fetch(self, url, *, timeout, headers, follow_redirects):
            await room.visit(fails=url.endswith("/2"))
            return result(url=url, final_url=url, status_code=200, content=url.encode(), content_type="text/plain", headers={})

    return SlowFetcher()


async def fetched(schedule, fetch_many):
    """Seven pages, three at once: within the limit, and in the order asked for."""
    room = Room(schedule)
    urls = [f"http://host/{n}" for n in range(7)]
    pages = await result_of(fetch_many(room, urls, 3), "the batch")
    room.judge(3, "requests of a batch with concurrency 3")
    expect_equal([getattr(page, "url", page) for page in pages], urls, "pages in the order asked for")
    expect_equal(room.visits, len(urls), "requests made")


async def fetcher_scene(schedule):
    await fetched(schedule, lambda room, urls, limit: fetcher_of(room).fetch_many(urls, concurrency=limit))


async def client_scene(schedule):
    make = need("stageflow.websearch:WebSearchClient")
    await fetched(schedule, lambda room, urls, limit: make(fetcher=fetcher_of(room)).fetch_many(urls, concurrency=limit))


async def pages_scene(schedule):
    make, fetch = need("stageflow.websearch:WebSearchClient"), need("stageflow.websearch.run_utils:fetch_pages")

    def fetch_many(room, urls, limit):
        client = make(fetcher=fetcher_of(room))
        return fetch(urls, concurrency=limit, parallel_extraction=False, client_factory=lambda: client)

    await fetched(schedule, fetch_many)


async def deliveries_scene(schedule):
    """Events from several tasks: the downstream sink is given one at a time."""
    room = Room(schedule)

    class Downstream:
        async def emit(self, *, type, data):
            await room.visit(fails=data["n"] == 1)

    sink = need("stageflow.events:BackpressureAwareEventSink")(Downstream(), max_queue_size=2)

    async def write():
        for n in range(3):
            await schedule.pause()
            await sink.emit(type="event", data={"n": n})

    await all_results(*(write() for _ in range(3)), sink.start(), what="every writer")
    await asyncio.sleep(30)
    room.judge(1, "deliveries to the downstream sink")
    expect_equal(room.visits, 9, "deliveries")


async def writes_scene(schedule):
    """Events from several tasks, flushes among them and a short timer: one batch at a time is written."""
    room = Room(schedule)

    class Base:
        async def export_batch(self, events):
            await room.visit()

    event = need("stageflow.helpers:AnalyticsEvent")
    exporter = need("stageflow.helpers:BufferedExporter")(Base(), batch_size=2, flush_interval_seconds=0.3)

    async def write():
        for _ in range(3):
            await schedule.pause()
            await exporter.export(event("probe"))
            await exporter.flush()

    await all_results(*(write() for _ in range(3)), what="every writer")
    room.judge(1, "batches being written")


async def breaker_scene(schedule):
    """A breaker whose reset time is over lets some of a crowd try the service, not all."""
    room, crowd = Room(schedule), 5

    async def call(ctx):
        room.inside += 1
        room.most = max(room.most, room.inside)
        await asyncio.sleep(1 if room.visits else 0)
        room.inside -= 1
        raise ValueError("still away")

    built = graph(pipeline(("call", call)), [need("stageflow:CircuitBreakerInterceptor")()])
    for _ in range(5):
        await outcome(built.run(context()))
    await asyncio.sleep(31)
    room.visits = 1
    await all_results(*(outcome(built.run(context())) for _ in range(crowd)), what="every call")
    room.judge(crowd - 1, "calls in the stage of a half-open breaker")


SCENES = {
    "limiter": limiter_scene,
    "duplicates": duplicates_scene,
    "slow store": slow_store_scene,
    "fetcher": fetcher_scene,
    "client": client_scene,
    "pages": pages_scene,
    "deliveries": deliveries_scene,
    "writes": writes_scene,
    "breaker": breaker_scene,
}


def plain_charged(schedule):
    def make(charge):
        once = PlainOnce(lambda who: charge())
        return lambda: once.run("order", "request")

    return charged(schedule, make)


def plain_fetched(schedule):
    async def one(room, url):
        await outcome(room.visit(fails=url.endswith("/2")))
        return url

    return fetched(schedule, lambda room, urls, limit: plain_many(lambda number: one(room, urls[number]), len(urls), limit))


def plain_limited(schedule):
    return limited(schedule, PlainLimiter(2))


PLAIN = {
    "duplicates": plain_charged,
    "slow store": plain_charged,
    "fetcher": plain_fetched,
    "client": plain_fetched,
    "pages": plain_fetched,
}


def scenario(params):
    under_schedules(params, SCENES[params["target"]])


def control(params):
    under_schedules(params, PLAIN.get(params["target"], plain_limited))


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
