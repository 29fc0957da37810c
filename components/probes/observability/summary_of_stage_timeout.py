"""The error of a run that failed by a time-out is summarized as a time-out."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="summarize_pipeline_error calls every time-out of a pipeline UNKNOWN and not retryable: it does not look into "
    "UnifiedStageExecutionError",
    claim="For the exception that pipeline.run() raises after a stage timed out the summary has code TIMEOUT and retryable True.",
    source="docs/guides/observability.md#error-summarization",
    component="stageflow.observability.summarize_pipeline_error",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="The documented way to classify errors never recognizes a time-out of a real run; callers give up where they should retry.",
    recommendation="Look at the original exception of UnifiedStageExecutionError, and fill in its stage.",
    workaround="Pass error.original to summarize_pipeline_error.",
    cause="stageflow.observability:summarize_pipeline_error",
)

CASES = (Case("stage raises TimeoutError", {"text": "Stage timed out after 30000ms"}),)


def verdict(summary):
    expect_equal([summary["code"], summary["retryable"]], ["TIMEOUT", True], "[code, retryable]")


@promised
async def scenario(params):
    async def late(ctx):
        raise TimeoutError(params["text"])

    summarize = need("stageflow.observability:summarize_pipeline_error")
    _, error = await outcome(graph(pipeline(("call", late)), []).run(context()))
    verdict(summarize(error))


async def control(params):
    verdict(need("stageflow.observability:summarize_pipeline_error")(TimeoutError(params["text"])))
