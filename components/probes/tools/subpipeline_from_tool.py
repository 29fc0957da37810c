"""A tool that spawns a pipeline gets its outputs, and the child is made as asked."""

import uuid

from components.lab.crashes import no_crash
from components.lab.flow import RecordingSink, outcome, pipeline, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A pipeline spawned through ToolExecutor runs otherwise than asked, or its monitors are not told",
    claim=(
        "spawn_subpipeline() runs the registered pipeline below the given context with the overrides, correlates it with the action, "
        "gives back every stage's data, and feeds the monitors it was made with; an unknown name or too deep a nesting raises."
    ),
    source="docstring:stageflow.tools.ToolExecutor.spawn_subpipeline",
    component="stageflow.tools.ToolExecutor.spawn_subpipeline",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A tool works with the outputs of the wrong pipeline, or runs it in a mode in which it must not run.",
    recommendation="Pass every argument on by name and use the injected registry, spawner and monitors.",
)

MADE = "stageflow.tools.ToolExecutor"
CASES = (
    Case("outputs", {"what": "outputs"}),
    Case("inherits", {"what": "child", "options": {}, "want": ["parent topology", "parent mode"]}),
    Case("topology", {"what": "child", "options": {"topology_override": "t"}, "want": ["t", "parent mode"]}),
    Case("mode", {"what": "child", "options": {"execution_mode_override": "m"}, "want": ["parent topology", "m"]}),
    Case("correlation", {"what": "correlation"}),
    Case("failing child", {"what": "failing"}),
    Case("unknown name", {"what": "unknown"}),
    Case("too deep", {"what": "deep"}),
    Case("registry given", {"what": "registry"}, component=f"{MADE}.pipeline_registry"),
    Case("registry by default", {"what": "default registry"}, component=f"{MADE}.pipeline_registry"),
    Case("spawner given", {"what": "spawner"}, component=f"{MADE}.spawner"),
    Case("spawner by default", {"what": "default spawner"}, component=f"{MADE}.spawner"),
    Case("UUID monitor", {"what": "uuid"}, component=f"{MADE}.uuid_monitor"),
    Case("memory tracker, spawner fails", {"what": "broken spawner"}, component=f"{MADE}.memory_tracker"),
    Case("memory tracker", {"what": "memory"}, component=f"{MADE}.memory_tracker"),
)
ACTION = uuid.UUID(int=77)


class Labels:
    """Keeps what a monitor or tracker of the target is told."""

    def __init__(self):
        self.seen = []

    def observe(self, value=None, *, label=None):
        self.seen.append(label or value)
        return False


class BrokenSpawner:
    """Stands for a spawner that fails."""

    async def spawn(self, **given):
        raise ConnectionError("no workers")


def registry_with(seen):
    """A registry with a pipeline `good`, that keeps the child's topology, mode and ids in `seen`, and one called `bad`."""

    async def first(ctx):
        seen.append([ctx.snapshot.topology, ctx.snapshot.execution_mode, ctx.snapshot.run_id.pipeline_run_id])
        return need("stageflow:StageOutput").ok(a=1)

    async def second(ctx):
        return need("stageflow:StageOutput").ok(b=[2])

    async def broken(ctx):
        raise OSError("disk away")

    registry = need("stageflow.pipeline.registry:PipelineRegistry")()
    registry.register("good", pipeline(("first", first), ("second", second, ["first"])))
    registry.register("bad", pipeline(("broken", broken)))
    return registry


def executor_for(what, registry, monitor):
    kind = need("stageflow.tools:ToolExecutor")
    options = {"uuid": {"uuid_monitor": monitor}, "memory": {"memory_tracker": monitor}}.get(what, {})
    if what == "deep":
        options["spawner"] = need("stageflow.pipeline.subpipeline:SubpipelineSpawner")(max_depth=0)
    if what == "spawner":
        options["spawner"] = monitor
    if what == "broken spawner":
        options |= {"spawner": BrokenSpawner(), "memory_tracker": monitor}
    return kind(registry=registry, **options)


async def scenario(params):
    with no_crash("the child is spawned"):
        await checked(params)


async def checked(params):
    what, seen, sink, monitor = params["what"], [], RecordingSink(), Labels()
    need("stageflow.events:set_event_sink")(sink)
    ctx = pipeline_context(topology="parent topology", execution_mode="parent mode")
    registry = registry_with(seen)
    executor = executor_for(what, registry, monitor)
    if what in ("registry", "default registry", "spawner", "default spawner"):
        injected(what, executor, registry, monitor)
        return
    name = {"failing": "bad", "unknown": "nobody"}.get(what, "good")
    result, error = await outcome(executor.spawn_subpipeline(name, ctx, ACTION, **params.get("options", {})))
    judge(params, result, error, seen, sink, monitor)


def judge(params, result, error, seen, sink, monitor):
    what, raised = params["what"], type(error).__name__
    if what in ("unknown", "deep"):
        expect_equal([raised, len(seen)], [{"unknown": "KeyError", "deep": "MaxDepthExceededError"}[what], 0], "error, stages run")
        return
    if what == "broken spawner":
        expect_equal([raised, len(monitor.seen)], ["ConnectionError", 2], "error, what the monitor is told: start and end")
        return
    expect_equal(raised, "NoneType", "error raised")
    if what == "failing":
        expect_equal([result.success, "disk away" in str(result.error)], [False, True], "success, whether the error tells the cause")
    elif what == "outputs":
        expect_equal([result.success, result.data], [True, {"first": {"a": 1}, "second": {"b": [2]}}], "success, data by stage")
    elif what == "child":
        expect_equal([row[:2] for row in seen], [list(params["want"])], "topology and mode of the child's stage")
    elif what == "correlation":
        found = [[data["correlation_id"], data["parent_stage_id"], data["pipeline_name"]] for data in sink.of("spawned_child")]
        expect_equal(found, [[str(ACTION), "stage.tool_executor", "good"]], "action, stage and pipeline in the event of the spawn")
        expect_equal([row[2] == result.child_run_id for row in seen], [True], "the child runs under the id in the result")
    else:
        told = monitor.seen == [ACTION] if what == "uuid" else len(monitor.seen) == len({*monitor.seen}) == 2
        expect_equal(told, True, f"the monitor is told {'the action' if what == 'uuid' else 'of start and end, each with its label'}")


def injected(what, executor, registry, monitor):
    if what == "registry":
        expect_equal(executor.pipeline_registry is registry, True, "the registry is the one that was given")
    elif what == "default registry":
        found = need("stageflow.tools:ToolExecutor")().pipeline_registry
        expect_equal(found is need("stageflow.pipeline.registry:pipeline_registry"), True, "the registry is the global one")
    elif what == "spawner":
        expect_equal(executor.spawner is monitor, True, "the spawner is the one that was given")
    else:
        expect_equal(
            executor.spawner is need("stageflow.pipeline.subpipeline:get_subpipeline_spawner")(), True, "the spawner is the global one"
        )


async def control(params):
    monitor, sink = Labels(), RecordingSink()
    monitor.observe(label="subpipeline:start")
    monitor.observe(ACTION)
    await sink.emit(type="pipeline.spawned_child", data={"correlation_id": str(ACTION)})
    expect_equal([monitor.seen == ["subpipeline:start", ACTION], len(sink.of("spawned_child"))], [True, 1], "what the doubles keep")
