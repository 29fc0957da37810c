"""Durations and the timer count milliseconds of real time."""

import asyncio
import time

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline
from components.lab.probe import Case, Probe, Violation

PROBE = Probe(
    title="Stage durations are not in milliseconds of the stage's real time",
    claim="duration_ms and timer.elapsed_ms() are the milliseconds that have passed.",
    source="docstring:stageflow.core.stage_output.StageOutput.with_duration",
    component="stageflow.core.stage_output.StageOutput",
    subsystem="dag",
    category="observability",
    type="bug",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Latency dashboards and budgets are wrong by a factor.",
    recommendation="Measure in milliseconds from the start to the end of the stage's work.",
)

CASES = (
    Case("duration_ms", {"what": "duration"}),
    Case("timer.elapsed_ms", {"what": "timer"}, component="stageflow.core.timer.PipelineTimer.elapsed_ms"),
)
PAUSE = 0.08


def judge_ms(measured, real):
    if not PAUSE * 1000 * 0.8 <= measured <= real * 1000 + 50:
        raise Violation("between the stage's pause and the run's real time, in milliseconds", "a value outside")


async def scenario(params):
    inside = []

    async def body(ctx):
        await asyncio.sleep(PAUSE)
        inside.append(ctx.timer.elapsed_ms())
        return {}

    began = time.perf_counter()
    results = await results_of(graph(pipeline(("only", body))).run(context()))
    real = time.perf_counter() - began
    judge_ms(results["only"].duration_ms if params["what"] == "duration" else inside[0], real)


async def control(params):
    began = time.perf_counter()
    await asyncio.sleep(PAUSE)
    real = time.perf_counter() - began
    judge_ms(int(real * 1000), real)
