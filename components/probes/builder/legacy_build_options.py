"""The event options of the older builder are in force in the graphs it builds, whichever way it is built."""

import warnings

from components.lab.dag_kit import results_of
from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An event option given to the older builder is not in force in the run",
    claim="emit_stage_wide_events, emit_pipeline_wide_event and wide_event_emitter are passed on; without them no wide event is sent.",
    source="docs/api/pipeline.md#pipelinebuilder-deprecated-stagegraph-compatibility",
    component="stageflow.pipeline.builder.PipelineBuilder.build",
    subsystem="builder",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Telemetry that was asked for is missing.",
    recommendation="Pass every option on to StageGraph.",
    virtual_time=True,
)

OWNERS = {
    "builder": "",
    "fluent": "stageflow.pipeline.builder_helpers.FluentPipelineBuilder.build",
    "graph": "stageflow.pipeline.dag.StageGraph",
}
STAGES, RUN = ["stage first", "stage second"], ["pipeline"]
OPTIONS = (
    ("nothing", {}, False, []),
    ("stages", {"emit_stage_wide_events": True}, False, STAGES),
    ("run", {"emit_pipeline_wide_event": True}, False, RUN),
    ("both", {"emit_stage_wide_events": True, "emit_pipeline_wide_event": True}, False, STAGES + RUN),
    ("both, own emitter", {"emit_stage_wide_events": True, "emit_pipeline_wide_event": True}, True, ["own " + row for row in STAGES + RUN]),
    ("own emitter only", {}, True, []),
)
CASES = tuple(
    Case(f"{way}: {name}", {"way": way, "options": options, "own": own, "events": events}, component=owner)
    for way, owner in OWNERS.items()
    for name, options, own, events in OPTIONS
    if way != "fluent" or name in ("nothing", "both, own emitter")
)


class Runner:
    async def execute(self, ctx):
        return {}


def emitter_of(seen):
    class Emitter(need("stageflow.observability:WideEventEmitter")):
        def emit_stage_event(self, *, ctx, result, **given):
            seen.append(f"own stage {result.name}")

        def emit_pipeline_event(self, **given):
            seen.append("own pipeline")

    return Emitter()


def built(way, options):
    if way == "fluent":
        pipe = need("stageflow.pipeline.builder_helpers:FluentPipelineBuilder")("p")
        return pipe.stage("first", Runner()).stage("second", Runner(), depends_on=("first",)).build(**options)
    if way == "graph":
        spec = need("stageflow.pipeline.dag:StageSpec")
        rows = [spec(name="first", runner=Runner), spec(name="second", runner=Runner, dependencies=("first",))]
        return need("stageflow.pipeline.dag:StageGraph")(rows, **options)
    pipe = need("stageflow.pipeline.builder:PipelineBuilder")(name="p")
    return pipe.with_stage("first", Runner).with_stage("second", Runner, dependencies=("first",)).build(**options)


async def scenario(params):
    warnings.simplefilter("ignore")
    seen, sink, options = [], RecordingSink(), dict(params["options"])
    if params["own"]:
        options["wide_event_emitter"] = emitter_of(seen)
    await results_of(built(params["way"], options).run(pipeline_context(event_sink=sink)))
    seen += [
        f"stage {data.get('stage')}" if kind.startswith("stage") else "pipeline" for kind, data in sink.events if kind.endswith(".wide")
    ]
    expect_equal(seen, list(params["events"]), "wide events")


async def control(params):
    stages = STAGES if params["options"].get("emit_stage_wide_events") else []
    run = RUN if params["options"].get("emit_pipeline_wide_event") else []
    seen = [f"{'own ' if params['own'] else ''}{row}" for row in stages + run]
    expect_equal(seen, list(params["events"]), "wide events")
