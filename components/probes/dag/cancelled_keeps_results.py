"""The exception of a cancelled run carries the results of all stages that had completed."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="UnifiedPipelineCancelled.results leaves out stages that had completed",
    claim="The exception of a cancelled run carries the results of the stages that completed before the cancellation.",
    source="docs/advanced/errors.md#unifiedpipelinecancelled",
    component="stageflow.pipeline.dag.UnifiedPipelineCancelled",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Stages that ended in the same moment as the cancelling one are missing from the partial results, which of them by chance.",
    recommendation="Record the outputs of the whole `done` set of asyncio.wait before acting on a cancellation in it.",
    workaround="Let stages put what has to survive into PipelineContext.data as well.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #results-of-done",
)

CASES = (
    Case("stages end one after the other", {"linked": True, "count": 6}),
    Case("stages end in the same moment", {"linked": False, "count": 12}),
)
TRIALS = 30


async def scenario(params):
    output = need("stageflow:StageOutput")
    lost = 0
    for _ in range(TRIALS):
        ended = []

        def ending_stage(name, ended=ended):
            async def body(ctx):
                ended.append(name)
                return {}

            return body

        async def stop(ctx):
            return output.cancel(reason="enough")

        names = [f"s{n}" for n in range(params["count"])]
        before = [names[n - 1 : n] if params["linked"] else [] for n in range(params["count"])]
        rows = [(name, ending_stage(name), after) for name, after in zip(names, before, strict=True)]
        _, error = await outcome(graph(pipeline(*rows, ("stop", stop, names[-1:] if params["linked"] else []))).run(context()))
        lost += bool(set(ended) - set(error.results))
    if lost:
        raise Violation("results of all completed stages in every cancelled run", "runs whose exception lacks completed stages")


async def control(params):
    for _ in range(TRIALS):
        ended = {f"s{n}": {} for n in range(params["count"])}
        if set(ended) - set(dict(ended)):
            raise Violation("results of all completed steps", "some are missing")
