"""All stages of a run share one timer; another run has its own."""

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="Stages of one run do not share one timer, or two runs do",
    claim="The timer is the single source of truth of a run: one for all of its stages, and a new one for each run.",
    source="docstring:stageflow.core.timer.PipelineTimer",
    component="stageflow.core.timer.PipelineTimer",
    subsystem="dag",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Times of different stages cannot be compared.",
    recommendation="Create the timer once per run and hand it to every stage context.",
    virtual_time=True,
)

CASES = (Case("3 stages, 2 runs", {"stages": 3, "runs": 2}), Case("20 stages, 4 runs", {"stages": 20, "runs": 4}))


async def scenario(params):
    timers, kept = [], []

    async def body(ctx):
        timers.append(ctx.timer)
        return {}

    built = graph(pipeline(*[(f"s{n}", body, [f"s{n - 1}"] if n % 2 else []) for n in range(params["stages"])]))
    counts = []
    for _ in range(params["runs"]):
        timers.clear()
        await results_of(built.run(context()))
        counts.append([len(timers), len({id(timer) for timer in timers})])
        kept.extend(timers)
    different = len({id(timer) for timer in kept})
    expect_equal(
        [counts, different], [[[params["stages"], 1]] * params["runs"], params["runs"]], "[[contexts, timers] per run, timers in all]"
    )


async def control(params):
    timers = [object() for _ in range(params["runs"])]
    counts = [[params["stages"], len({id(timer) for _ in range(params["stages"])})] for timer in timers]
    seen = [counts, len({id(timer) for timer in timers})]
    expect_equal(seen, [[[params["stages"], 1]] * params["runs"], params["runs"]], "[[contexts, timers] per run, timers in all]")
