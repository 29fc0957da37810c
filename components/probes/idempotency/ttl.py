"""A stored result is replayed for ttl_seconds seconds, and no longer."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Idempotent results do not live as long as their time to live",
    claim="A result is replayed until ttl_seconds seconds have passed (a day by default); after that the stage runs again.",
    source="docs/advanced/idempotency.md#testing-checklist",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
    subsystem="idempotency",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Late repeats are executed twice, or keys block new work for ever.",
    recommendation="Let entries expire ttl_seconds seconds after they were stored.",
    virtual_time=True,
)

CASES = (
    Case("10 s, after 9 s", {"ttl": 10, "wait": 9.0, "runs": 1}),
    Case("10 s, after 11 s", {"ttl": 10, "wait": 11.0, "runs": 2}),
    Case("default, after 23 h", {"ttl": "default", "wait": 82_800.0, "runs": 1}),
    Case("default, after 25 h", {"ttl": "default", "wait": 90_000.0, "runs": 2}),
    Case("no limit, after 30 days", {"ttl": None, "wait": 2_592_000.0, "runs": 1}),
)


async def scenario(params):
    runs = []

    async def charge(ctx):
        runs.append("run")
        return {"receipt": len(runs)}

    options = {} if params["ttl"] == "default" else {"ttl_seconds": params["ttl"]}
    guard = need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(**options)
    built = graph(pipeline(("charge", charge, (), "work")), [guard])
    await outcome(built.run(context(data={"idempotency_key": "order-1"})))
    await asyncio.sleep(params["wait"])
    await outcome(built.run(context(data={"idempotency_key": "order-1"})))
    expect_equal(len(runs), params["runs"], "runs of the stage")


async def control(params):
    lives = {"default": 86_400.0, None: float("inf")}.get(params["ttl"], params["ttl"])
    clock = asyncio.get_running_loop()
    began = clock.time()
    await asyncio.sleep(params["wait"])
    expect_equal(1 if clock.time() - began < lives else 2, params["runs"], "runs by the clock")
