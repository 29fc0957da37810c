"""A party that is slow in its own code holds up nobody who has nothing to do with it."""

import asyncio
import uuid

from components.lab.flow import RecordingSink, context, graph, pipeline, pipeline_context
from components.lab.interleave_kit import result_of, strategy_of, under_schedules
from components.lab.probe import Case, Probe, expect, need
from components.lab.tool_kit import Action, final_answer, registry_of, tool_request

PROBE = Probe(
    title="A slow request holds up requests that have nothing to do with it",
    claim="Requests that share an object but no key, item or dependency take no longer beside a slow one than they take alone.",
    source="invariant:progress",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="scalability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="One hanging customer or service makes everybody wait.",
    recommendation="Hold no lock that others need while code of the user is awaited.",
    workaround="Hand what may be slow to a task of its own.",
    seconds=30.0,
)

COMPONENTS = {
    "run": "stageflow.pipeline.dag.UnifiedStageGraph.run",
    "branch": "stageflow.pipeline.dag.UnifiedStageGraph",
    "key": "stageflow.pipeline.idempotency.IdempotencyInterceptor",
    "decision": "stageflow.tools.ApprovalService",
    "channel": "stageflow.helpers.RealtimeStageBus",
    "child": "stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    "announced child": "stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn.events",
    "tool": "stageflow.tools.AdvancedToolExecutor",
    "agent": "stageflow.agent.Agent",
    "batch": "stageflow.websearch.Fetcher.fetch_many",
    "member": "stageflow.helpers.CompositeExporter",
}
CASES = (
    *(Case(target, {"target": target, "seeds": 10}, component=where) for target, where in COMPONENTS.items()),
    Case(
        "announced cancellation",
        {"target": "cascade", "seeds": 2},
        title="While a slow event sink takes the event of one cancelled run, nobody can spawn or cancel anything",
        component="stageflow.pipeline.subpipeline.SubpipelineSpawner.cancel_with_children",
        cause="stageflow.pipeline.subpipeline:SubpipelineSpawner.cancel_with_children #lock",
    ),
)
SLOW = 60.0


async def wait_as(who, schedule):
    """What code of the user does: the slow party hangs."""
    await schedule.pause()
    if who == "slow":
        await asyncio.sleep(SLOW)


def runs(schedule):
    async def work(ctx):
        await wait_as(ctx.snapshot.input_text, schedule)

    built = graph(pipeline(("first", work), ("second", work, ["first"])))
    return lambda who: built.run(context(input_text=who, data={"_timeout_ms": 0}))


def keys(schedule):
    async def work(ctx):
        await wait_as(ctx.snapshot.input_text, schedule)

    built = graph(pipeline(("work", work, (), "work")), [need("stageflow.pipeline.idempotency:IdempotencyInterceptor")()])
    return lambda who: built.run(context(input_text=who, data={"idempotency_key": who, "_timeout.work": 0}))


def decisions(schedule):
    service = need("stageflow.tools:ApprovalService")(default_timeout_seconds=500)

    async def run(who):
        request = await service.request_approval(uuid.uuid4(), "tool")

        async def decide():
            await wait_as(who, schedule)
            await service.record_decision(request.id, granted=True)

        decider = asyncio.ensure_future(decide())
        await service.await_decision(request.id)
        await decider

    return run


def channels(schedule):
    """The slow party's channel is full."""
    bus = need("stageflow.helpers:RealtimeStageBus")(default_max_size=1)

    async def run(who):
        async def read():
            async for _ in bus.subscribe(who):
                await wait_as(who, schedule)

        reader = asyncio.ensure_future(read())
        for n in range(4 if who == "quick" else 2):
            await bus.publish(who, n)
        await bus.close_channel(who)
        await reader

    return run


def spawner_of():
    module = "stageflow.pipeline.subpipeline"
    return need(f"{module}:SubpipelineSpawner")(child_tracker=need(f"{module}:ChildRunTracker")())


def children(schedule):
    spawner = spawner_of()

    async def child(ctx):
        await wait_as(ctx.input_text, schedule)

    return lambda who: spawner.spawn("child", pipeline_context(input_text=who), uuid.uuid4(), "stage", child)


class SlowFor(RecordingSink):
    """Hangs with the events of one run."""

    def __init__(self, run):
        super().__init__()
        self.run = str(run)

    async def emit(self, *, type, data):
        if self.run in (data.get("parent_run_id"), data.get("pipeline_run_id")):
            await asyncio.sleep(SLOW)


def announced_children(schedule, cancels=False):
    """The event sink hangs with the slow party's child run, or with its cancellation; the other one spawns a child."""
    spawner, slow = spawner_of(), pipeline_context()
    need("stageflow.events:set_event_sink")(SlowFor(slow.pipeline_run_id))

    async def child(ctx):
        await schedule.pause()

    def run(who):
        if who == "slow" and cancels:
            return spawner.cancel_with_children(slow.pipeline_run_id)
        return spawner.spawn("child", slow if who == "slow" else pipeline_context(), uuid.uuid4(), "stage", child)

    return run


def tools(schedule):
    async def handler(given):
        await wait_as(given.payload["who"], schedule)
        return need("stageflow.tools:ToolOutput").ok(data={})

    executor = need("stageflow.tools:AdvancedToolExecutor")(undo_store=need("stageflow.tools:UndoStore")())
    executor.register(need("stageflow.tools:ToolDefinition")(name="pay", action_type="pay", handler=handler))
    return lambda who: executor.execute(Action("pay", {"who": who}), pipeline_context())


def agents(schedule):
    class Model:
        async def chat(self, *, messages, model, **settings):
            text = "\n".join(str(message["content"]) for message in messages)
            await wait_as("slow" if "party-slow" in text else "quick", schedule)
            return final_answer("done") if "looked up" in text else tool_request("lookup")

    class Lookup:
        action_type = name = "lookup"
        description = "looks something up"

        async def execute(self, given, ctx):
            return need("stageflow.tools.base:ToolOutput")(success=True, data={"text": "looked up"})

    agent = need("stageflow.agent:Agent")(llm_client=Model(), tool_registry=registry_of(Lookup()))
    return lambda who: agent.run(f"I am party-{who}")


SHARED = {
    "run": runs,
    "key": keys,
    "decision": decisions,
    "channel": channels,
    "child": children,
    "announced child": announced_children,
    "cascade": lambda schedule: announced_children(schedule, cancels=True),
    "tool": tools,
    "agent": agents,
}


def ends_of(schedule):
    """Work that notes when the quick ones end, for targets in which one call does everything."""
    began, ends = asyncio.get_running_loop().time(), []

    async def work(who):
        await wait_as(who, schedule)
        if who == "quick":
            ends.append(asyncio.get_running_loop().time() - began)

    return work, ends


async def branch_scene(schedule):
    """A branch of a graph beside a slow one."""
    work, ends = ends_of(schedule)

    async def slow(ctx):
        await work("slow")

    async def quick(ctx):
        await work("quick")

    async def last(ctx):
        return {}

    rows = (("slow", slow), ("after slow", last, ["slow"]), ("a", quick), ("b", quick, ["a"]), ("c", quick, ["b"]))
    await result_of(graph(pipeline(*rows), []).run(context(data={"_timeout_ms": 0})), "the run")
    return ends


async def batch_scene(schedule):
    """One hanging page among five, two at once."""
    work, ends = ends_of(schedule)
    base, result = need("stageflow.websearch:Fetcher"), need("stageflow.websearch:FetchResult")

    class SlowFetcher(base):
        async def _do_fetch(self, url, *, timeout, headers, follow_redirects):
            await work(url)
            return result(url=url, final_url=url, status_code=200, content=b"", content_type="text/plain", headers={})

    await result_of(SlowFetcher().fetch_many(["slow", *["quick"] * 4], concurrency=2), "the batch")
    return ends


async def member_scene(schedule):
    """One hanging destination of two."""
    work, ends = ends_of(schedule)

    class Destination:
        def __init__(self, who):
            self.who = who

        async def export(self, event):
            await work(self.who)

    exporter = need("stageflow.helpers.analytics:CompositeExporter")([Destination("slow"), Destination("quick")])
    await result_of(exporter.export(need("stageflow.helpers:AnalyticsEvent")("probe")), "the export")
    return ends


INSIDE = {"branch": (branch_scene, 3), "batch": (batch_scene, 4), "member": (member_scene, 1)}


def beside(share):
    """A scene in which a quick request comes while a slow one hangs."""

    async def scene(schedule):
        run = share(schedule)
        slow = asyncio.ensure_future(run("slow"))
        await asyncio.sleep(10)
        began = asyncio.get_running_loop().time()
        await result_of(run("quick"), "a request beside a slow one")
        seconds = asyncio.get_running_loop().time() - began
        expect(seconds < SLOW / 2, "a quick request beside a slow one", "it ended only after the slow one")
        await result_of(slow, "the slow request")

    return scene


def inside(scene, count):
    async def judged(schedule):
        early = sum(end < SLOW / 2 for end in await scene(schedule))
        expect(early == count, f"all {count} quick ones done before the slow one", f"{early} of {count}")

    return judged


def scenario(params):
    target = params["target"]
    under_schedules(params, inside(*INSIDE[target]) if target in INSIDE else beside(SHARED[target]))


def control(params):
    under_schedules(params, beside(lambda schedule: lambda who: wait_as(who, schedule)))


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
