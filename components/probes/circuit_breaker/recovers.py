"""After 30 seconds one call is let through again; its result closes the breaker or opens it anew."""

import asyncio

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The circuit breaker does not recover as documented",
    claim="Within 30 seconds an open breaker refuses, later it lets a test call through: success closes it, failure opens it again.",
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.before",
    subsystem="circuit_breaker",
    category="reliability",
    type="reliability",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A recovered service stays cut off, or a dead one is called again too early.",
    recommendation="Leave the open state 30 seconds after the last failure and decide by the test call.",
    virtual_time=True,
)

CASES = (
    Case("refused after 29 s", {"steps": [[29, "ok", False]]}),
    Case("let through after 31 s", {"steps": [[31, "ok", True]]}),
    Case("success closes", {"steps": [[31, "ok", True], [0, "fail", True], [0, "fail", True], [0, "ok", True]]}),
    Case("a failed test call opens again", {"steps": [[31, "fail", True], [1, "ok", False]]}),
    Case("second recovery", {"steps": [[31, "fail", True], [31, "ok", True], [0, "ok", True]]}),
)


async def scenario(params):
    mode, reached = ["fail"], []

    async def call(ctx):
        reached.append("call")
        return {} if mode[0] == "ok" else need("stageflow:StageOutput").fail(error="away")

    built = graph(pipeline(("call", call)), [need("stageflow:CircuitBreakerInterceptor")()])
    for _ in range(5):
        await outcome(built.run(context()))
    seen = []
    for wait, how, _ in params["steps"]:
        await asyncio.sleep(wait)
        mode[0], before = how, len(reached)
        await outcome(built.run(context()))
        seen.append(len(reached) > before)
    expect_equal(seen, [step[2] for step in params["steps"]], "whether each later call reaches the stage")


async def control(params):
    clock = asyncio.get_running_loop()
    opened, state, seen = clock.time(), "open", []
    for wait, how, _ in params["steps"]:
        await asyncio.sleep(wait)
        through = state == "closed" or clock.time() - opened > 30
        seen.append(through)
        if through and how == "ok":
            state = "closed"
        elif through and state == "open":
            opened = clock.time()
    expect_equal(seen, [step[2] for step in params["steps"]], "whether a plain breaker lets each call through")
