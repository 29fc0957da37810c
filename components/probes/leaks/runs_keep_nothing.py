"""What serves many requests holds as much after many requests as after a few."""

import gc
import uuid

from components.lab.dag_kit import guarded_graph
from components.lab.flow import context, graph, outcome, pipeline, pipeline_context
from components.lab.growth_kit import items_held, keepers
from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import modules_of_target
from components.lab.tool_kit import Action, FunctionTool, ScriptedModel, final_answer, registry_of, tool_request

PROBE = Probe(
    title="An object that serves many runs keeps something of each",
    claim="After more runs, a graph, agent or executor and the modules it uses hold no more than after the first few.",
    source="invariant:no leak",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="leaks",
    category="reliability",
    type="reliability",
    consequence="resource_leak",
    silent=True,
    default_setup=True,
    impact="A long-lived service grows with every request until it is killed.",
    recommendation="Drop what belongs to a run when it ends.",
    virtual_time=True,
)

ENDS = ("ok", "skip", "raise", "fail", "cancel")
CASES = (
    *(Case(f"graph whose stage ends with {end}", {"what": "graph", "end": end}) for end in ENDS),
    Case("graph with retries", {"what": "retry", "end": "raise"}),
    Case("graph with a guard", {"what": "guard", "end": "fail"}),
    Case("pipeline that is run directly", {"what": "pipeline", "end": "ok"}, component="stageflow.pipeline.pipeline.Pipeline.run"),
    Case("agent", {"what": "agent", "end": "ok"}, component="stageflow.agent.Agent.run"),
    Case("tool executor", {"what": "tools", "end": "ok"}, component="stageflow.tools.AdvancedToolExecutor.execute"),
    Case("prompt library", {"what": "prompts", "end": "ok"}, component="stageflow.agent.PromptLibrary.get"),
    Case("runner", {"what": "runner", "end": "ok"}, component="stageflow.helpers.PipelineRunner.run"),
    Case("wide events", {"what": "wide", "end": "ok"}, component="stageflow.pipeline.pipeline.Pipeline.build"),
)

FEW, MORE = 3, 5


def stages(end):
    output = need("stageflow:StageOutput")

    async def first(ctx):
        return {"id": str(uuid.uuid4())}

    async def last(ctx):
        ctx.try_emit_event("probe.event", {"id": str(uuid.uuid4())})
        if end == "raise":
            raise ConnectionError(f"no {uuid.uuid4()}")
        return getattr(output, end)(str(uuid.uuid4())) if end != "ok" else output.ok(id=str(uuid.uuid4()))

    return ("first", first), ("last", last, ("first",))


def graph_flow(built):
    return [built], lambda: built.run(context())


def guard_flow(end):
    (_, first), (_, last, _) = stages(end)
    return graph_flow(guarded_graph([("first", first), ("last", last, ["first"], "guard")], {"last": {"retry_stage": "first"}}))


def agent_flow():
    model = ScriptedModel(tool_request("look"), final_answer("done"))
    settings = {"config": need("stageflow.agent:AgentConfig")(), "tool_registry": registry_of(FunctionTool("look", dict))}
    agent = need("stageflow.agent:Agent")(llm_client=model, **settings)

    async def play():
        model.requests.clear()
        await agent.run(f"go {uuid.uuid4()}")
        settings["tool_registry"].get_tool("look").calls.clear()

    return [agent], play


def tool_flow():
    async def handler(given):
        return need("stageflow.tools:ToolOutput").ok(data={"id": str(uuid.uuid4())})

    executor = need("stageflow.tools:AdvancedToolExecutor")()
    executor.register(need("stageflow.tools:ToolDefinition")(name="edit", action_type="edit", handler=handler))
    return [executor], lambda: executor.execute(Action("edit", {"id": str(uuid.uuid4())}), pipeline_context())


def prompt_flow():
    library = need("stageflow.agent:PromptLibrary")()
    library.register(need("stageflow.agent:PromptTemplate")(name="p", version="v1", template="hello {who}"))

    async def play():
        library.render("p", variables={"who": str(uuid.uuid4())})

    return [library], play


def flow(what, end):
    """The long-lived objects, and what makes one request to them."""
    if what in ("agent", "tools", "prompts"):
        return {"agent": agent_flow, "tools": tool_flow, "prompts": prompt_flow}[what]()
    if what == "guard":
        return guard_flow(end)
    pipe = pipeline(*stages(end))
    if what == "pipeline":
        return [pipe], lambda: pipe.run(input_text=str(uuid.uuid4()))
    if what == "runner":
        runner = need("stageflow.helpers:PipelineRunner")(verbose=False)
        return [pipe], lambda: runner.run(pipe, input_text=str(uuid.uuid4()))
    if what == "retry":
        return graph_flow(graph(pipe, [need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=1)]))
    options = {"emit_stage_wide_events": True, "emit_pipeline_wide_event": True} if what == "wide" else {}
    return graph_flow(graph(pipe, **options))


async def held_after(rounds, play, roots):
    for _ in range(rounds):
        await outcome(play())
    gc.collect()
    return items_held([*roots, *(item for module in modules_of_target() for item in keepers(module).values())])


async def verdict(roots, play):
    gc.freeze()  # so that only what is made from here on is looked through
    before = await held_after(FEW, play, roots)
    after = await held_after(MORE, play, roots)
    if after - before >= MORE:
        raise Violation("as many things held after more requests", f"{(after - before) // MORE} more for each request")


async def scenario(params):
    await verdict(*flow(params["what"], params["end"]))


async def control(params):
    served = {}

    async def play():
        key = uuid.uuid4()
        served[key] = params["end"]
        del served[key]

    await verdict([served], play)
