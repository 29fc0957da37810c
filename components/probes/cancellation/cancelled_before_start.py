"""A context that was cancelled before the run runs no stage at all."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Stages run on a context that had been cancelled before",
    claim="A run on a cancelled context runs no stage and ends with UnifiedPipelineCancelled.",
    source="docs/guides/context.md#cooperative-cancellation",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="cancellation",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Side effects happen for a request that had been called off.",
    recommendation="Check the context before the first stage is scheduled.",
    virtual_time=True,
)

CASES = (Case("one stage", {"stages": 1}), Case("five stages", {"stages": 5}))


async def scenario(params):
    ran = []

    async def body(ctx):
        ran.append(ctx.stage_name)
        return {}

    run = context()
    run.mark_canceled("called off")
    _, error = await outcome(graph(pipeline(*[(f"s{n}", body) for n in range(params["stages"])])).run(run))
    expect_equal([len(ran), type(error).__name__], [0, "UnifiedPipelineCancelled"], "[stages run, how the run ended]")


async def control(params):
    ran = []
    cancelled = True
    for n in range(params["stages"]):
        if not cancelled:
            ran.append(n)
    expect_equal([len(ran), "UnifiedPipelineCancelled"], [0, "UnifiedPipelineCancelled"], "[stages run, how the run ended]")
