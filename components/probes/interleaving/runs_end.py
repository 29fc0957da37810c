"""A run, task group or family of child runs ends, whatever order its parts end in; each stage runs once and in its turn."""

import uuid

from components.lab.dag_kit import plain_dag, random_edges
from components.lab.flow import context, graph, outcome, pipeline, pipeline_context
from components.lab.interleave_kit import all_results, result_of, strategy_of, under_schedules
from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="A run or a group of tasks never ends, or a stage runs twice or too early",
    claim="Whatever its stages or members do and in whatever order they end, a run ends; each stage runs once, after its dependencies.",
    source="invariant:liveness",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=True,
    default_setup=True,
    impact="Under load some requests never end.",
    recommendation="Wake every waiter whose condition has become true, in a finally block where the work before can fail.",
    seconds=30.0,
)

COMPONENTS = {
    "graph": "stageflow.pipeline.dag.UnifiedStageGraph.run",
    "failing graph": "stageflow.pipeline.dag.UnifiedStageGraph.run.failing",
    "group": "stageflow.pipeline.cancellation.StructuredTaskGroup",
    "children": "stageflow.pipeline.subpipeline.SubpipelineSpawner",
}

CASES = tuple(Case(target, {"target": target, "seeds": 12}, component=where) for target, where in COMPONENTS.items())


async def ordered(schedule, run_rows):
    """Five random graphs: every stage runs once, after its dependencies, and the run ends."""
    for seed in range(5):
        rows, log = random_edges(seed, 6), []

        def body(name, log=log):
            async def stage(given):
                log.append(("starts", name))
                await schedule.pause()
                log.append(("ends", name))
                return {}

            return stage

        await result_of(run_rows([(name, body(name), after) for name, after in rows]), "the run")
        once = sorted((event, name) for event in ("starts", "ends") for name, _ in rows)
        expect_equal(sorted(log), once, "starts and ends of the stages in one run, sorted")
        for name, after in rows:
            if any(log.index(("ends", other)) > log.index(("starts", name)) for other in after):
                raise Violation("every stage to start after its dependencies have ended", f"{name} started before")


def graph_scene(schedule):
    return ordered(schedule, lambda rows: graph(pipeline(*rows)).run(context()))


async def failing_graph_scene(schedule):
    """One stage of a graph raises while others work: the run ends."""

    async def works(ctx):
        await schedule.pause()

    async def fails(ctx):
        await schedule.pause()
        raise ValueError("broken")

    rows = (("a", works), ("b", fails), ("c", works), ("d", works, ["a", "b"]), ("e", works, ["c"]))
    _, error = await result_of(outcome(graph(pipeline(*rows)).run(context())), "a run with a failing stage")
    expect_equal(type(error).__name__, "UnifiedStageExecutionError", "how a run with a failing stage ends")


async def group_scene(schedule):
    async def member(n):
        await schedule.pause()
        if n == 1:
            raise ValueError("broken")

    async def work():
        async with need("stageflow.pipeline.cancellation:StructuredTaskGroup")() as group:
            for n in range(4):
                group.create_task(member(n))

    expect_equal(await result_of(work(), "the task group"), "ValueError", "how a task group with a failing member ends")


async def children_scene(schedule):
    """Children of one run are spawned while the run is cancelled twice and asked about."""
    module = "stageflow.pipeline.subpipeline"
    tracker, parent = need(f"{module}:ChildRunTracker")(), pipeline_context()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=tracker)

    async def child(ctx):
        await schedule.pause()
        return {}

    async def spawn():
        await schedule.pause()
        return (await spawner.spawn("child", parent, uuid.uuid4(), "stage", child)).success

    async def cancel():
        await schedule.pause()
        await spawner.cancel_with_children(parent.pipeline_run_id)
        return await spawner.is_canceled(parent.pipeline_run_id)

    found = await all_results(*(spawn() for _ in range(3)), cancel(), cancel(), what="every spawn and cancellation")
    expect_equal(found, [True] * 5, "[success of three spawns, run is cancelled, run is cancelled]")
    expect_equal(len(await tracker.get_children(parent.pipeline_run_id)), 0, "children left")


SCENES = {
    "graph": graph_scene,
    "failing graph": failing_graph_scene,
    "group": group_scene,
    "children": children_scene,
}


def scenario(params):
    under_schedules(params, SCENES[params["target"]])


def control(params):
    under_schedules(params, lambda schedule: ordered(schedule, plain_dag))


def strategy():
    return strategy_of(tuple(COMPONENTS))


def features(params):
    return {params["target"]}


def case_of(params):
    return Case(params["target"], params, component=COMPONENTS[params["target"]])
