"""A task that is cancelled inside a fetch, a tool, an agent or a run ends cancelled: nobody swallows it."""

import asyncio
import uuid

from components.lab.flow import RecordingSink, context, graph, pipeline, pipeline_context
from components.lab.overlap_kit import passed_on
from components.lab.probe import Case, Probe, need
from components.lab.tool_kit import Action, registry_of, tool_request

PROBE = Probe(
    title="A cancellation is swallowed: the cancelled task goes on as if nothing had happened",
    claim="A task that is cancelled inside a fetch, a tool, an agent or a run ends as cancelled, so that time-outs and task groups work.",
    source="invariant:cancellation",
    component="stageflow.websearch.Fetcher.fetch",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="asyncio.timeout(), task groups and server shutdown have no effect on callers: they go on as if they had not been called off.",
    recommendation="Never suppress CancelledError around an await of something else; ask task.cancelled() of the awaited task instead.",
    seconds=30.0,
)

CASES = (
    Case("fetch with back-off", {"target": "fetch"}),
    Case("retrying fetch", {"target": "fetch_with_retry"}, component="stageflow.websearch.run_utils.fetch_with_retry"),
    Case("crawl", {"target": "crawl"}, component="stageflow.websearch.WebSearchClient.crawl"),
    Case("tool", {"target": "tool"}, component="stageflow.tools.AdvancedToolExecutor.execute"),
    Case("undo", {"target": "undo"}, component="stageflow.tools.AdvancedToolExecutor.undo_action"),
    Case("plan", {"target": "plan"}, component="stageflow.tools.ToolExecutor.execute"),
    Case("agent", {"target": "agent"}, component="stageflow.agent.Agent.run"),
    Case("child run", {"target": "spawn"}, component="stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn"),
    Case("run", {"target": "run"}, component="stageflow.pipeline.dag.UnifiedStageGraph.run"),
    Case("runner", {"target": "runner"}, component="stageflow.helpers.PipelineRunner.run"),
)


def fetcher(fails):
    base, result = need("stageflow.websearch:Fetcher"), need("stageflow.websearch:FetchResult")

    class SlowFetcher(base):
        async def _do_fetch(self, url, *, timeout, headers, follow_redirects):
            await asyncio.sleep(1)
            if fails:
                raise ConnectionError("connection reset")
            return result(url=url, final_url=url, status_code=200, content=b"text", content_type="text/plain", headers={})

    return SlowFetcher(need("stageflow.websearch:FetchConfig")(max_retries=2, retry_delay=1.0))


def web_client():
    return need("stageflow.websearch:WebSearchClient")(fetcher=fetcher(False))


class SlowSink(RecordingSink):
    """Takes a second for each event, and another one to give up when it is cancelled."""

    async def emit(self, *, type, data):
        try:
            await asyncio.sleep(1)
        finally:
            await asyncio.sleep(1)

    async def export_batch(self, events):
        await self.emit(type="batch", data={})

    async def close(self):
        await asyncio.sleep(1)


def tool_executor():
    executor = need("stageflow.tools:AdvancedToolExecutor")(undo_store=need("stageflow.tools:UndoStore")())

    async def handler(given):
        await asyncio.sleep(1)
        return need("stageflow.tools:ToolOutput").ok(data={}, undo_metadata={"before": 1})

    async def undo(metadata):
        await asyncio.sleep(1)

    definition = need("stageflow.tools:ToolDefinition")
    executor.register(definition(name="pay", action_type="pay", handler=handler, undoable=True, undo_handler=undo))
    need("stageflow.events:set_event_sink")(SlowSink())
    return executor


async def undo():
    executor, action = tool_executor(), Action("pay")
    await executor.execute(action, pipeline_context())
    return executor.undo_action(action.id, pipeline_context())


class SlowTool:
    """A tool of the registry that takes a second."""

    action_type = name = "work"
    description = "works"

    async def execute(self, given, ctx):
        await asyncio.sleep(1)
        return need("stageflow.tools.base:ToolOutput")(success=True, data={})


class SlowModel:
    """Asks for the tool for ever."""

    async def chat(self, *, messages, model, **settings):
        await asyncio.sleep(1)
        return tool_request("work")


class Plan:
    """Two actions."""

    actions = (Action("work"), Action("work"))


def two_stages():
    async def work(ctx):
        await asyncio.sleep(1)

    return graph(pipeline(("first", work), ("second", work, ["first"])))


async def fetch():
    return fetcher(True).fetch("http://host/")


async def retrying_fetch():
    return need("stageflow.websearch.run_utils:fetch_with_retry")("http://host/", client_factory=web_client)


async def crawl():
    return web_client().crawl("http://host/")


async def tool():
    return tool_executor().execute(Action("pay"), pipeline_context())


async def plan():
    executor = need("stageflow.tools:ToolExecutor")()
    executor.tool_registry = registry_of(SlowTool())
    return executor.execute(pipeline_context(), Plan())


async def agent():
    return need("stageflow.agent:Agent")(llm_client=SlowModel(), tool_registry=registry_of(SlowTool())).run("hello")


async def spawn():
    module = "stageflow.pipeline.subpipeline"
    need("stageflow.events:set_event_sink")(SlowSink())

    async def child(ctx):
        await asyncio.sleep(1)
        return {}

    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=need(f"{module}:ChildRunTracker")())
    return spawner.spawn("child", pipeline_context(), uuid.uuid4(), "stage", child)


async def run():
    return two_stages().run(context())


async def runner():
    return need("stageflow.helpers:PipelineRunner")(verbose=False).run(two_stages(), input_text="x")


PREPARE = {
    "fetch": fetch,
    "fetch_with_retry": retrying_fetch,
    "crawl": crawl,
    "tool": tool,
    "undo": undo,
    "plan": plan,
    "agent": agent,
    "spawn": spawn,
    "run": run,
    "runner": runner,
}


async def plain_request():
    async def request():
        await asyncio.sleep(1)
        await asyncio.sleep(1)

    return request()


def scenario(params):
    passed_on(PREPARE[params["target"]])


def control(params):
    passed_on(plain_request)
