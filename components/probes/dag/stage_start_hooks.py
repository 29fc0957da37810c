"""Hooks registered on the context run before every stage, once, in the order of registration."""

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Before-stage-start hooks do not run once per stage, in order, before the stage",
    claim="Every registered hook, plain or async, runs once before each stage, in registration order, with the stage's name and kind.",
    source="docs/guides/context.md#before-stage-start-hooks",
    component="stageflow.stages.context.PipelineContext.add_before_stage_start_hook",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="Progress is reported for stages that did not start, or not at all.",
    recommendation="Await each hook in order before the stage's body.",
    virtual_time=True,
)

CASES = (Case("one stage", {"stages": ["a"]}), Case("chain of 3", {"stages": ["a", "b", "c"]}))


def expected_trail(stages):
    return [entry for name in stages for entry in (["plain", name, "work"], ["async", name, "work"], ["body", name, ""])]


async def scenario(params):
    need("stageflow.stages.context:PipelineContext.add_before_stage_start_hook")
    trail = []

    def plain(name, kind, stage_ctx, pipeline_ctx):
        trail.append(["plain", name, str(kind)])

    async def later(name, kind, stage_ctx, pipeline_ctx):
        trail.append(["async", stage_ctx.stage_name, str(kind)])

    async def body(ctx):
        trail.append(["body", ctx.stage_name, ""])
        return {}

    names = params["stages"]
    run = context()
    run.add_before_stage_start_hook(plain)
    run.add_before_stage_start_hook(later)
    await results_of(graph(pipeline(*[(name, body, names[n - 1 : n] if n else [], "work") for n, name in enumerate(names)])).run(run))
    expect_equal(trail, expected_trail(names), "[who, stage, kind] in order")


async def control(params):
    trail = []
    for name in params["stages"]:
        for who in ("plain", "async"):
            trail.append([who, name, "work"])
        trail.append(["body", name, ""])
    expect_equal(trail, expected_trail(params["stages"]), "[who, stage, kind] in order")
