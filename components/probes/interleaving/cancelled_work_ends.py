"""Work of a caller that is cancelled, wherever it waits, ends with it, and its cleanups run exactly once."""

import asyncio

from components.lab.flow import context, graph, pipeline
from components.lab.interleave_kit import cut_everywhere, ended, result_of
from components.lab.plain_kit import plain_many
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Cancelling a caller leaves its work running or its cleanups undone",
    claim="Wherever a caller is cancelled, the work it had started ends with it, its cleanups run once, and the next call works.",
    source="invariant:cancellation",
    component="stageflow.pipeline.cancellation.StructuredTaskGroup",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="Requests that were given up go on working, and what they had opened is never closed.",
    recommendation="Cancel and await what was started, and run the cleanups, in a finally block.",
    workaround="Use asyncio.TaskGroup.",
    seconds=30.0,
)

CASES = (
    Case("task group", {"target": "task group"}),
    Case(
        "task group with a failing member",
        {"target": "failing member"},
        title="StructuredTaskGroup does not cancel siblings when a task fails",
        component="stageflow.pipeline.cancellation.StructuredTaskGroup.failing",
        cause="stageflow.pipeline.cancellation:StructuredTaskGroup.__aexit__ #siblings",
    ),
    Case("run_with_cleanup", {"target": "run_with_cleanup"}, component="stageflow.pipeline.cancellation.run_with_cleanup"),
    Case("cleanup_on_cancel", {"target": "cleanup_on_cancel"}, component="stageflow.pipeline.cancellation.cleanup_on_cancel"),
    Case("run of a graph", {"target": "graph cleanup"}, component="stageflow.pipeline.dag.UnifiedStageGraph.register_cleanup"),
    Case("fetcher", {"target": "fetcher"}, component="stageflow.websearch.Fetcher.fetch_many"),
    Case("web client", {"target": "client"}, component="stageflow.websearch.WebSearchClient.fetch_many"),
    Case("pages", {"target": "pages"}, component="stageflow.websearch.run_utils.fetch_pages"),
)


async def task_group(cut):
    cleaned, running = [], []

    async def clean():
        cleaned.append("cleanup")

    async def member(n):
        running.append(n)
        try:
            await asyncio.sleep(2 + n)
        finally:
            await asyncio.sleep(1)  # closing takes its time
            running.remove(n)

    async def work():
        async with need("stageflow.pipeline.cancellation:StructuredTaskGroup")() as group:
            group.cleanup_registry.register(clean)
            for n in range(3):
                group.create_task(member(n))
            await asyncio.sleep(1)

    await ended(cut.watch(work()), what="the cancelled task group")
    expect_equal([running, cleaned], [[], ["cleanup"]], "[members still running, cleanups run] when the group has been left")


async def failing_scene(cut, make_group):
    """One member of a group fails: the others do not work on."""
    finished = []

    async def member(n):
        await asyncio.sleep(1 + 5 * n)
        if n == 0:
            raise ValueError("broken")
        finished.append(n)

    async def work():
        async with make_group() as group:
            for n in range(3):
                group.create_task(member(n))

    await ended(cut.watch(work()), what="the task group")
    expect_equal(finished, [], "members that worked on after another one had failed")


async def failing_member(cut):
    await failing_scene(cut, need("stageflow.pipeline.cancellation:StructuredTaskGroup"))


async def cleaning(cut, make):
    cleaned = []

    async def clean():
        cleaned.append("cleanup")
        await asyncio.sleep(1)

    async def body():
        await asyncio.sleep(1)
        await asyncio.sleep(1)

    await ended(cut.watch(make(body, clean)), what="the cancelled operation")
    expect_equal(cleaned, ["cleanup"], "cleanups that were run")


async def run_with_cleanup(cut):
    run = need("stageflow.pipeline.cancellation:run_with_cleanup")
    await cleaning(cut, lambda body, clean: run(body(), clean))


async def cleanup_on_cancel(cut):
    guard = need("stageflow.pipeline.cancellation:cleanup_on_cancel")

    async def work(body, clean):
        async with guard(clean):
            await body()

    await cleaning(cut, work)


async def graph_cleanup(cut):
    """The caller of a run goes away while its stage is at work; cleanups that were registered by then are run."""
    registered, cleaned, undisturbed = [], [], []

    async def clean():
        cleaned.append("cleanup")
        await asyncio.sleep(1)

    async def stage(ctx):
        if not cut.task.done():
            built.register_cleanup(clean)
            registered.append("cleanup")
        await asyncio.sleep(1)
        await asyncio.sleep(1)
        undisturbed.append(not cut.made)

    built = graph(pipeline(("stage", stage)), [])
    await ended(cut.watch(built.run(context())), what="the cancelled run")
    if undisturbed != [True]:
        expect_equal(cleaned, registered, "cleanups that were run, compared with those registered")


def page_fetcher(flying, seconds=1.0):
    """A fetcher for plain text that counts the requests under way."""
    base, result = need("stageflow.websearch:Fetcher"), need("stageflow.websearch:FetchResult")

    class SlowFetcher(base):
        async def _do_fetch(self, url, *, timeout, headers, follow_redirects):
            flying.append(url)
            try:
                await asyncio.sleep(seconds)
            finally:
                flying.remove(url)
            return result(url=url, final_url=url, status_code=200, content=b"text", content_type="text/plain", headers={})

    return SlowFetcher()


async def fetch_scene(cut, fetch_many):
    """A batch of requests is cut; none goes on, and the next batch works."""
    flying = []
    fetch = fetch_many(flying)
    urls = [f"http://host/{n}" for n in range(5)]
    await ended(cut.watch(fetch(urls)), what="the cancelled batch")
    expect_equal(len(flying), 0, "requests under way when the batch has ended")
    pages = await result_of(fetch(urls), "the next batch")
    expect_equal(len(pages), 5, "pages of the next batch")


async def fetcher(cut):
    await fetch_scene(cut, lambda flying: lambda urls: page_fetcher(flying).fetch_many(urls, concurrency=2))


async def client(cut):
    def fetch_many(flying):
        made = need("stageflow.websearch:WebSearchClient")(fetcher=page_fetcher(flying))
        return lambda urls: made.fetch_many(urls, concurrency=2)

    await fetch_scene(cut, fetch_many)


async def pages(cut):
    def fetch_many(flying):
        make = need("stageflow.websearch:WebSearchClient")
        fetch = need("stageflow.websearch.run_utils:fetch_pages")
        factory = lambda: make(fetcher=page_fetcher(flying))  # noqa: E731
        return lambda urls: fetch(urls, concurrency=2, parallel_extraction=False, client_factory=factory)

    await fetch_scene(cut, fetch_many)


SCENES = {
    "task group": task_group,
    "failing member": failing_member,
    "run_with_cleanup": run_with_cleanup,
    "cleanup_on_cancel": cleanup_on_cancel,
    "graph cleanup": graph_cleanup,
    "fetcher": fetcher,
    "client": client,
    "pages": pages,
}


async def plain_cleaning(cut):
    async def work(body, clean):
        try:
            await body()
        finally:
            await clean()

    await cleaning(cut, work)


async def plain_fetch(cut):
    def fetch_many(flying):
        async def one(number):
            flying.append(number)
            try:
                await asyncio.sleep(1)
            finally:
                flying.remove(number)

        return lambda urls: plain_many(one, len(urls), 2)

    await fetch_scene(cut, fetch_many)


async def plain_member(cut):
    await failing_scene(cut, asyncio.TaskGroup)


PLAIN = {
    "failing member": plain_member,
    "fetcher": plain_fetch,
    "client": plain_fetch,
    "pages": plain_fetch,
}


def scenario(params):
    cut_everywhere(SCENES[params["target"]])


def control(params):
    cut_everywhere(PLAIN.get(params["target"], plain_cleaning))
