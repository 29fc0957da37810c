"""Printing what a run does neither fails nor hides how it ended."""

import contextlib
import io

from components.lab.flow import pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A verbose pipeline runner fails, or prints another outcome",
    claim="With verbose output the run has the same result, and the printed summary has its input, its stages and whether it succeeded.",
    source="docstring:stageflow.helpers.run_utils.PipelineRunner.print_result",
    component="stageflow.helpers.PipelineRunner.print_result",
    subsystem="observability",
    category="observability",
    type="log_issue",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Somebody trying out a pipeline is told that it worked when it did not, or sees a traceback of the helper.",
    recommendation="Print from the result.",
)

CASES = (
    Case("success", {"fails": False, "colorize": False, "text": "hello"}),
    Case("success, long input", {"fails": False, "colorize": True, "text": "word " * 40}),
    Case("failure", {"fails": True, "colorize": False, "text": "hello"}),
)


async def body(ctx, fails):
    output = need("stageflow:StageOutput")
    ctx.try_emit_event("tool.started", {"stage": "only", "error": "e" * 100})
    return output.fail(error="broken") if fails else output.ok(answer="a" * 150)


def verdict(success, text, params):
    words = ["hello" if params["text"] == "hello" else "word word", "broken" if params["fails"] else "Stage: only", "tool.started"]
    seen = [success, *(word in text for word in words), "completed successfully" in text, "Pipeline failed" in text]
    wanted = [not params["fails"], True, True, True, not params["fails"], params["fails"]]
    expect_equal(seen, wanted, "[success, input shown, stage or error shown, event shown, says success, says failure]")


@promised
async def scenario(params):
    runner = need("stageflow.helpers:PipelineRunner")(verbose=True, colorize=params["colorize"])
    sink = need("stageflow.helpers:ObservableEventSink")(verbose=True, colorize=params["colorize"])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        sink.try_emit(type="tool.started", data={"stage": "only"})
        sink.print_summary()
        result = await runner.run(pipeline(("only", lambda ctx: body(ctx, params["fails"]))), input_text=params["text"])
        runner.print_result(result)
    verdict(result.success, printed.getvalue(), params)


async def control(params):
    end = "Pipeline failed: broken" if params["fails"] else "Pipeline completed successfully! Stage: only"
    verdict(not params["fails"], f"{params['text']} tool.started {end}", params)
