"""Agents, tools, plans and child runs of several tenants, in any overlap, each see their own data and end as they would alone."""

import uuid

from components.lab.flow import RecordingSink, outcome, pipeline, pipeline_context
from components.lab.interleave_kit import strategy_of
from components.lab.overlap_kit import TENANTS, share_nothing, tenants_apart
from components.lab.probe import Case, Probe, need
from components.lab.tool_kit import Action, final_answer, registry_of, tool_request

PROBE = Probe(
    title="Overlapping agent, tool and child runs of different tenants change each other's data or ending",
    claim="Requests that share an agent, executor or spawner see only their own data and end as they would alone.",
    source="invariant:isolation",
    component="stageflow.agent.Agent.run",
    subsystem="agent",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Under load one customer is shown another customer's data, or is refused because of another customer's request.",
    recommendation="Keep what belongs to one request in its context or in local variables, never on the shared object.",
    seconds=30.0,
)

COMPONENTS = {
    "agent": "stageflow.agent.Agent.run",
    "tools": "stageflow.tools.AdvancedToolExecutor.execute",
    "plan": "stageflow.tools.ToolExecutor.execute",
    "spawner": "stageflow.pipeline.subpipeline.SubpipelineSpawner.spawn",
    "delegated": "stageflow.tools.ToolExecutor.spawn_subpipeline",
    "client": "stageflow.websearch.WebSearchClient.fetch_many",
    "tenant": "stageflow.auth.get_current_tenant",
    "correlation": "stageflow.observability.get_correlation_id",
}

CASES = tuple(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items())


def share_agent(schedule):
    class Model:
        async def chat(self, *, messages, model, **settings):
            await schedule.pause()
            text = "\n".join(str(message["content"]) for message in messages)
            who = next(name for name in TENANTS if f"tenant-{name}" in text)
            told = [name for name in TENANTS if f"secret of {name}" in text]
            if who == "C":
                raise ConnectionError("model away")
            return final_answer(f"{who} was told {told}") if told else tool_request("lookup", who=who)

    class Lookup:
        action_type = name = "lookup"
        description = "looks something up"

        async def execute(self, given, ctx):
            await schedule.pause()
            return need("stageflow.tools.base:ToolOutput")(success=True, data={"text": f"secret of {given.action.payload['who']}"})

    agent = need("stageflow.agent:Agent")(llm_client=Model(), tool_registry=registry_of(Lookup()))

    async def run(who):
        result, error = await outcome(agent.run(f"I am tenant-{who}"))
        return [type(error).__name__] if error else [result.response, result.iterations, [one.data for one in result.tool_results]]

    return run


def share_tools(schedule):
    sink, undone = RecordingSink(), []
    need("stageflow.events:set_event_sink")(sink)
    service = need("stageflow.tools:ApprovalService")()
    executor = need("stageflow.tools:AdvancedToolExecutor")(undo_store=need("stageflow.tools:UndoStore")(), approval_service=service)

    async def pay(given):
        await schedule.pause()
        return need("stageflow.tools:ToolOutput").ok(data=dict(given.payload), undo_metadata=dict(given.payload))

    async def give_back(metadata):
        await schedule.pause()
        undone.append(metadata.undo_data["who"])

    executor.register(
        need("stageflow.tools:ToolDefinition")(
            name="pay", action_type="pay", handler=pay, requires_approval=True, undoable=True, undo_handler=give_back
        )
    )

    class AnsweringSink(RecordingSink):
        async def emit(self, *, type, data):
            await sink.emit(type=type, data=data)
            if type == "approval.requested":
                await schedule.pause()
                request = await service.get_request(uuid.UUID(data["request_id"]))
                await service.record_decision(request.id, granted=request.payload_summary["who"] != "C")

    need("stageflow.events:set_event_sink")(AnsweringSink())

    async def run(who):
        action = Action("pay", {"who": who})
        output, error = await outcome(executor.execute(action, pipeline_context()))
        undo = await outcome(executor.undo_action(action.id, pipeline_context())) if who == "B" else None
        own = [kind for kind, data in sink.events if data["action_id"] == str(action.id)]
        return [type(error).__name__ if error else output.data, undo and undo[0], undone.count(who), own]

    return run


def share_plan(schedule):
    class Tool:
        action_type = name = "work"
        description = "works"

        async def execute(self, given, ctx):
            await schedule.pause()
            if given.action.payload["who"] == "C":
                raise ConnectionError("service away")
            made = [{"who": given.action.payload["who"], "for": ctx["input_text"]}]
            return need("stageflow.tools.base:ToolOutput")(success=True, data={}, artifacts=made)

    executor = need("stageflow.tools:ToolExecutor")()
    executor.tool_registry = registry_of(Tool())

    class Plan:
        def __init__(self, who):
            self.actions = [Action("work", {"who": who}), Action("work", {"who": who})]

    async def run(who):
        result = await executor.execute(pipeline_context(input_text=who), Plan(who))
        return [result.actions_executed, result.actions_failed, result.requires_reentry, result.artifacts_produced]

    return run


def share_spawner(schedule):
    module, sink = "stageflow.pipeline.subpipeline", RecordingSink()
    tracker = need(f"{module}:ChildRunTracker")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)

    class SlowSink(RecordingSink):
        async def emit(self, *, type, data):
            await schedule.pause()
            await sink.emit(type=type, data=data)

    need("stageflow.events:set_event_sink")(SlowSink())

    async def child(ctx):
        await schedule.pause()
        if ctx.input_text == "C":
            raise ValueError("C is broken")
        cancelled = await spawner.cancel_with_children(ctx.parent_run_id) if ctx.input_text == "D" else []
        await schedule.pause()
        return {"text": ctx.input_text, "children": len(await tracker.get_children(ctx.parent_run_id)), "cancelled": len(cancelled)}

    async def run(who):
        ctx = pipeline_context(input_text=who)
        result = await spawner.spawn("child", ctx, uuid.uuid4(), "stage", child)
        own = [kind for kind, data in sink.events if str(ctx.pipeline_run_id) in (data.get("parent_run_id"), data.get("pipeline_run_id"))]
        left = len(await tracker.get_children(ctx.pipeline_run_id))
        return [result.success, result.data, result.error, own, left, await spawner.is_canceled(ctx.pipeline_run_id)]

    return run


def share_delegated(schedule):
    """One registered pipeline, run as a child of each tenant's request."""
    module, registry = "stageflow.pipeline.subpipeline", need("stageflow.pipeline.registry:PipelineRegistry")()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=need(f"{module}:ChildRunTracker")())

    async def work(ctx):
        await schedule.pause()
        if ctx.snapshot.input_text == "C":
            raise ValueError("C is broken")
        await schedule.pause()
        return {"text": ctx.snapshot.input_text}

    registry.register("child", pipeline(("work", work)))
    executor = need("stageflow.tools:ToolExecutor")(spawner=spawner, registry=registry)

    async def run(who):
        result = await executor.spawn_subpipeline("child", pipeline_context(input_text=who), uuid.uuid4())
        return [result.success, result.data, result.error]

    return run


def share_client(schedule):
    """One web client, a batch for each tenant."""
    base, result = need("stageflow.websearch:Fetcher"), need("stageflow.websearch:FetchResult")

    class SlowFetcher(base):
        async def _do_fetch(self, url, *, timeout, headers, follow_redirects):
            await schedule.pause()
            if url.endswith("C/1"):
                raise ValueError("broken")
            text = f"{url} for {headers['who']}".encode()
            return result(url=url, final_url=url, status_code=200, content=text, content_type="text/plain", headers={})

    client = need("stageflow.websearch:WebSearchClient")(fetcher=SlowFetcher())

    async def run(who):
        pages = await client.fetch_many([f"http://{who}/{n}" for n in range(3)], concurrency=2, headers={"who": who})
        return [[page.url, page.plain_text, page.error] for page in pages]

    return run


def share_tenant(schedule):
    async def run(who):
        own = uuid.uuid5(uuid.NAMESPACE_OID, who)
        need("stageflow.auth:set_current_tenant")(own)
        await schedule.pause()
        seen = need("stageflow.auth:get_current_tenant")()
        await schedule.pause()
        return [seen == own, need("stageflow.auth:require_tenant")() == own]

    return run


def share_correlation(schedule):
    async def run(who):
        own = uuid.uuid5(uuid.NAMESPACE_OID, who)
        need("stageflow.observability:set_correlation_id")(own)
        await schedule.pause()
        seen = need("stageflow.observability:get_correlation_id")()
        await schedule.pause()
        return [seen == own, need("stageflow.observability:ensure_correlation_id")() == own]

    return run


SHARED = {
    "agent": share_agent,
    "tools": share_tools,
    "plan": share_plan,
    "spawner": share_spawner,
    "delegated": share_delegated,
    "client": share_client,
    "tenant": share_tenant,
    "correlation": share_correlation,
}


def scenario(params):
    tenants_apart(SHARED[params["target"]], params)


def control(params):
    tenants_apart(share_nothing, params)


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
