"""A pipeline runner leaves the current event sink as it found it."""

from components.lab.flow import RecordingSink, context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineRunner.run replaces the current event sink for good: later events go to the runner's sink",
    claim="The sink set by the application is the current one again when the run is over.",
    source="invariant:isolation",
    component="stageflow.helpers.PipelineRunner.run",
    subsystem="observability",
    category="silent_failures",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="After one call of the helper, the tool and sub-pipeline events of later work in the same task, and in tasks it starts, "
    "disappear from the application's telemetry and pile up in memory.",
    recommendation="Restore the former sink in a finally block (ContextVar token).",
    workaround="Call set_event_sink again after every run, or run the helper in a task of its own.",
    cause="stageflow.helpers.run_utils:PipelineRunner.run #sink",
)

CASES = (Case("PipelineRunner.run", {"way": "runner"}), Case("run_simple_pipeline", {"way": "simple"}))


async def body(ctx):
    return need("stageflow:StageOutput").ok()


async def run_once(way, pipe):
    helpers = need("stageflow.helpers")
    if way == "runner":
        await helpers.PipelineRunner(verbose=False).run(pipe, input_text="hello")
    elif way == "simple":
        await helpers.run_simple_pipeline(pipe, "hello")
    else:
        await graph(pipe).run(context(input_text="hello"))


async def verdict(way):
    events, sink = need("stageflow.events"), RecordingSink()
    events.set_event_sink(sink)
    await run_once(way, pipeline(("stage", body)))
    await events.emit_event(type="after.run", data={})
    expect_equal(len(sink.of("after.run")), 1, "events that reach the application's sink after the run, of 1")


@promised
async def scenario(params):
    await verdict(params["way"])


async def control(params):
    await verdict("graph.run")
