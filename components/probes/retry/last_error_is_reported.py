"""When a retried stage fails for good, the run reports the error of the last attempt."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="After a retry the run reports the error of the first attempt instead of the last one",
    claim="A run that fails reports why it failed: the outcome of the attempt that ended the stage, not an earlier error that was retried.",
    source="invariant:the error reported is the one that ended the run",
    component="stageflow.pipeline.dag.UnifiedStageGraph",
    subsystem="retry",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="A declined payment is reported as a connection error, so callers retry what must not be retried.",
    recommendation="Forget the stored original exception at the start of every attempt.",
    workaround="Raise an exception instead of returning StageOutput.fail in stages that are retried.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph._run_stage #first-error",
)

CASES = (Case("error, then StageOutput.fail", {"first": "connection lost", "last": "card declined"}),)


async def scenario(params):
    output = need("stageflow:StageOutput")
    runs = []

    async def pay(ctx):
        runs.append("run")
        if len(runs) == 1:
            raise ConnectionError(params["first"])
        return output.fail(error=params["last"])

    retry = need("stageflow.pipeline.retry:RetryInterceptor")(max_attempts=2, base_delay_ms=10)
    _, error = await outcome(graph(pipeline(("pay", pay)), [retry]).run(context()))
    seen = "the error of the first attempt" if params["first"] in str(error) else "another error" if error else "no error"
    expect(params["last"] in str(error), f"the run fails with {params['last']!r}", seen)


async def control(params):
    output = need("stageflow:StageOutput")

    async def pay(ctx):
        return output.fail(error=params["last"])

    _, error = await outcome(graph(pipeline(("pay", pay)), []).run(context()))
    expect(params["last"] in str(error), f"the run fails with {params['last']!r}", "another error")
