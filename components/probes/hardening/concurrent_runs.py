"""Hardening interceptors keep concurrent runs of one graph apart."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="ImmutabilityInterceptor accuses innocent stages when two runs of a graph overlap",
    claim="What the interceptor remembers belongs to one run: stages that change nothing are not reported, whatever other runs do.",
    source="invariant:isolation",
    component="stageflow.pipeline.interceptors_hardening.ImmutabilityInterceptor",
    subsystem="hardening",
    category="correctness",
    type="bug",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Where runs overlap the logs accuse stages of what never happened, and the check of the run that ends later is left out.",
    recommendation="Keep the remembered value per run, not under the stage name alone.",
    workaround="Use the interceptor only where runs never overlap.",
    virtual_time=True,
)

CASES = (
    Case(
        "immutability",
        {"which": "ImmutabilityInterceptor", "text": "Immutability violation", "inputs": ["a", "b"]},
        cause="stageflow.pipeline.interceptors_hardening:ImmutabilityInterceptor.before #per-run",
    ),
    Case(
        "context size",
        {"which": "ContextSizeInterceptor", "text": "Significant context growth", "inputs": ["long", "b"]},
        title="ContextSizeInterceptor reports growth that never happened when two runs of a graph overlap",
        component="stageflow.pipeline.interceptors_hardening.ContextSizeInterceptor",
        cause="stageflow.pipeline.interceptors_hardening:ContextSizeInterceptor.before #per-run",
    ),
)


async def reports(params, gap):
    async def stage(ctx):
        await asyncio.sleep(2)

    options = {"crash_on_violation": False} if params["which"] == "ImmutabilityInterceptor" else {}
    built = graph(pipeline(("stage", stage)), [need(f"stageflow.pipeline.interceptors_hardening:{params['which']}")(**options)])
    texts = ["x" * 300_000 if text == "long" else text for text in params["inputs"]]

    async def later(number, text):
        await asyncio.sleep(number * gap)
        await outcome(built.run(context(input_text=text)))

    with LogTap("stageflow.hardening") as tap:
        await asyncio.gather(*(later(number, text) for number, text in enumerate(texts)))
    expect_equal(len(tap.with_text(params["text"])), 0, f"'{params['text']}' reports of stages that change nothing")


async def scenario(params):
    await reports(params, 1.0)


async def control(params):
    await reports(params, 10.0)
