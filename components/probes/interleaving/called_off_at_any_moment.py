"""A run that is called off, at whatever moment, begins no further stage, ends as cancelled and cleans up once."""

import asyncio
import uuid

from components.lab.dag_kit import earliest_starts, random_edges
from components.lab.flow import call_off_later, context, graph, outcome, pipeline, pipeline_context
from components.lab.interleave_kit import Schedule, deadlines, result_of
from components.lab.probe import Case, Probe, expect, expect_equal, need

PROBE = Probe(
    title="A run that was called off begins further stages, ends as if nothing had happened, or does not clean up",
    claim="After mark_canceled() no stage begins; a run with stages still to begin ends as cancelled; its cleanups run once.",
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.stages.context.PipelineContext.mark_canceled",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request that the user has stopped is charged or mailed all the same, and its connections stay open.",
    recommendation="Look at the context's flag before every stage and whenever the scheduler wakes up.",
    workaround="Check for cancellation often inside long stages, and cancel child contexts with cancel_with_children(contexts=…).",
    seconds=30.0,
)

CASES = (
    *(Case(f"graph {seed}", {"graph": seed, "stages": 3 + seed, "how": "run"}) for seed in range(3)),
    Case(
        "child run",
        {"graph": 0, "stages": 3, "how": "child"},
        title="Cancelling the parent context does not reach a running child pipeline",
        component="stageflow.stages.context.PipelineContext.fork",
        cause="stageflow.stages.context:PipelineContext.is_canceled",
    ),
    Case(
        "ends at once",
        {"graph": 0, "stages": 3, "how": "promptly"},
        title="Cancelling the context of a run is noticed only when one of its stages ends",
        component="stageflow.pipeline.dag.UnifiedStageGraph.run.called_off",
        cause="stageflow.pipeline.dag:UnifiedStageGraph.run #cancel-while-waiting",
    ),
)


def seconds_of(rows):
    return {name: 1.0 + n % 3 for n, (name, _) in enumerate(sorted(rows))}


async def called_off(params, at, run_rows):
    """[how the run ends, stages that begin later, cleanups, when it ends] when it is called off at a moment."""
    rows = random_edges(params["graph"], params["stages"])
    seconds, late, cleaned = seconds_of(rows), [], []
    loop = asyncio.get_running_loop()
    began = loop.time()

    def body(name):
        async def stage(register):
            if loop.time() > began + at + 1e-6:
                late.append(name)
            register(name, cleaned)
            await asyncio.sleep(seconds[name])
            return {}

        return stage

    how = await run_rows([(name, body(name), after) for name, after in rows], at)
    return [how, late, cleaned, loop.time() - began]


async def run_graph(rows, at):
    """The target: the first stage registers a cleanup."""
    built, ctx, registered = [], context(), []

    def register(name, cleaned):
        async def clean():
            cleaned.append("cleanup")

        if not registered:
            registered.append(name)
            built[0].register_cleanup(clean)

    def stage_of(body):
        async def stage(stage_ctx):
            return await body(register)

        return stage

    built.append(graph(pipeline(*((name, stage_of(body), after) for name, body, after in rows))))
    call_off_later(ctx, at, "called off")
    _, error = await result_of(outcome(built[0].run(ctx)), "the run")
    if isinstance(error, need("stageflow.pipeline.dag:UnifiedPipelineCancelled")):
        return f"cancelled: {error.reason}"
    return type(error).__name__ if error else "ok"


async def run_child(rows, at):
    """The target's child run of a parent that is called off."""
    module, parent = "stageflow.pipeline.subpipeline", pipeline_context()
    spawner = need(f"{module}:SubpipelineSpawner")(child_tracker=need(f"{module}:ChildRunTracker")())

    def stage_of(body):
        async def stage(ctx):
            return await body(lambda name, cleaned: None)

        return stage

    built = graph(pipeline(*((name, stage_of(body), after) for name, body, after in rows)))
    call_off_later(parent, at, "called off")
    await result_of(spawner.spawn("child", parent, uuid.uuid4(), "stage", built.run), "the child run")


async def run_plain(rows, at):
    """One stage after the other begins when its dependencies have ended, unless the run is called off."""
    loop, done, cleanups = asyncio.get_running_loop(), {}, []
    end = loop.time() + at

    async def node(name, body, after):
        for other in after:
            await done[other].wait()
        if loop.time() <= end:
            await body(lambda name, cleaned: cleanups.append(cleaned))
            done[name].set()

    done.update({name: asyncio.Event() for name, _, _ in rows})
    tasks = [asyncio.ensure_future(node(*row)) for row in rows]
    _, waiting = await asyncio.wait(tasks, timeout=at)
    for task in waiting:
        task.cancel()
    for cleaned in cleanups[:1]:
        cleaned.append("cleanup")
    return "cancelled: called off" if waiting else "ok"


def judge(params, run_rows):
    rows = random_edges(params["graph"], params["stages"])
    seconds = seconds_of(rows)
    starts = earliest_starts(rows, seconds)
    ends = {name: starts[name] + seconds[name] for name in starts}
    for at in deadlines(tuple(sorted({*starts.values(), *ends.values()}))):
        how, late, cleaned, end = Schedule().play(lambda schedule, at=at: called_off(params, at, run_rows)).result
        if params["how"] == "promptly":
            expect(end <= at + 0.5 or at > max(ends.values()), f"a run that ends when it is called off after {at} s", "it goes on")
            continue
        if params["how"] == "run" and max(starts.values()) > at:  # something had still to begin
            expect_equal(how, "cancelled: called off", f"how a run ends that is called off after {at} s")
        if params["how"] == "run":
            expect_equal(cleaned, ["cleanup"], f"cleanups of a run that is called off after {at} s")
        expect_equal(late, [], f"stages begun after {at} s, when the run was called off")


def scenario(params):
    judge(params, run_child if params["how"] == "child" else run_graph)


def control(params):
    judge(params, run_plain)
