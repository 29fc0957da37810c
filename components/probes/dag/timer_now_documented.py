"""PipelineTimer.now_ms counts from the pipeline's start, as its docstring says."""

from components.lab.probe import Case, Probe, Violation, need

PROBE = Probe(
    title="PipelineTimer.now_ms() returns the epoch time although documented as relative to the pipeline's start",
    claim="now_ms() returns the current time in milliseconds relative to pipeline start.",
    source="docstring:stageflow.core.timer.PipelineTimer.now_ms",
    component="stageflow.core.timer.PipelineTimer.now_ms",
    subsystem="dag",
    category="observability",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Offsets computed from it are off by fifty years.",
    recommendation="Say epoch milliseconds in the docstring, or subtract pipeline_start_ms.",
    workaround="Use elapsed_ms().",
    cause="stageflow.core.timer:PipelineTimer.now_ms",
)

CASES = (Case("new timer", {"limit_ms": 60000}),)


def judge_now(milliseconds, limit):
    if not 0 <= milliseconds <= limit:
        raise Violation("a few milliseconds on a timer that has just been made", "milliseconds since 1970")


def scenario(params):
    judge_now(need("stageflow.core:PipelineTimer")().now_ms(), params["limit_ms"])


def control(params):
    start = 1_700_000_000_000
    judge_now(start + 5 - start, params["limit_ms"])
