"""A pipeline runner does not change the graph it is given."""

import logging

from components.lab.flow import context, default_graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineRunner with monitoring adds its interceptors to the caller's graph on every run, and never removes them",
    claim="A graph can be run any number of times: what one run was asked to monitor does not affect the next.",
    source="invariant:isolation",
    component="stageflow.helpers.PipelineRunner.run",
    subsystem="observability",
    category="performance",
    type="performance",
    consequence="resource_leak",
    silent=True,
    default_setup=False,
    impact="The n-th run of a long-lived graph serializes the whole context 2n times per stage; runs without monitoring are "
    "slowed down too.",
    recommendation="Build a graph for the run with the merged interceptors, or put the former list back in a finally block.",
    workaround="Pass the Pipeline, not the built graph, so that each run builds its own.",
    seconds=30.0,
    cause="stageflow.helpers.run_utils:PipelineRunner.run #interceptors",
)

CASES = (Case("context size monitor", {"runs": 3}),)


class Counter(logging.Handler):
    """Counts warnings about the size of the context: each monitoring interceptor gives one per stage."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record):
        self.count += "Context size warning" in record.getMessage()


async def body(ctx):
    return need("stageflow:StageOutput").ok()


async def warnings_per_run(target, runs):
    """Warnings in each monitored run, and in a plain one afterwards."""
    default_graph(pipeline(("stage", body)))  # nothing to monitor on releases whose graphs have no interceptors
    counter, logger = Counter(), logging.getLogger("stageflow.hardening")
    logging.disable(logging.NOTSET)
    logger.addHandler(counter)
    logger.propagate = False
    runner = need("stageflow.helpers:PipelineRunner")(verbose=False, enable_context_size_monitor=True)
    found = []
    for n in range(runs + 1):
        ctx, counter.count = context(input_text="x" * 1_100_000), 0
        await (runner.run(target, pipeline_ctx=ctx) if n < runs else (target.build() if hasattr(target, "build") else target).run(ctx))
        found.append(counter.count)
    return found


@promised
async def scenario(params):
    found = await warnings_per_run(pipeline(("stage", body)).build(), params["runs"])
    expect_equal(found, [1] * params["runs"] + [0], f"warnings of the monitor in {params['runs']} monitored runs and a plain one")


async def control(params):
    found = await warnings_per_run(pipeline(("stage", body)), params["runs"])
    expect_equal(found, [1] * params["runs"] + [0], f"warnings of the monitor in {params['runs']} monitored runs and a plain one")
