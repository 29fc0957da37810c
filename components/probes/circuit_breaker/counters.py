"""The breaker's own counters: which calls of its hooks open, refuse and close which stage."""

import asyncio
from types import SimpleNamespace

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="CircuitBreakerInterceptor counts something else than failures in a row of one stage",
    claim="Five failures in a row of one stage open its breaker for 30 seconds; a success closes it; other stages, whatever their "
    "names, are let through.",
    source="docs/guides/interceptors.md#circuitbreakerinterceptor",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor",
    subsystem="circuit_breaker",
    category="reliability",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A healthy stage is switched off, or a sick one is not.",
    recommendation="Count each failure once, by the stage's full name, and reset both state and count on success.",
    virtual_time=True,
)

SICK, NEAR = "payment_provider", "payment_provider_backup_of_the_second_region"
CASES = (
    Case("4 failed results", {"steps": [["failed", SICK, 4]], "refused": []}),
    Case("5 failed results", {"steps": [["failed", SICK, 5]], "refused": [SICK]}),
    Case("long name", {"steps": [["failed", NEAR, 5]], "refused": [NEAR]}),
    Case("success between", {"steps": [["failed", NEAR, 4], ["completed", NEAR, 1], ["failed", NEAR, 4]], "refused": []}),
    Case("success of a stage with a longer name", {"steps": [["failed", SICK, 5], ["completed", NEAR, 1]], "refused": [SICK]}),
    Case("success of a stage with a shorter name", {"steps": [["failed", NEAR, 5], ["completed", SICK, 1]], "refused": [NEAR]}),
    Case("failures of two stages", {"steps": [["failed", SICK, 3], ["failed", NEAR, 3]], "refused": []}),
    Case("29 seconds later", {"steps": [["failed", SICK, 5], ["wait", SICK, 29]], "refused": [SICK]}),
    Case("31 seconds later", {"steps": [["failed", SICK, 5], ["wait", SICK, 31]], "refused": []}),
    Case(
        "closed by a success", {"steps": [["failed", NEAR, 5], ["wait", NEAR, 31], ["trial", NEAR, 1], ["failed", NEAR, 4]], "refused": []}
    ),
    Case("skipped is no failure", {"steps": [["skipped", SICK, 6]], "refused": []}),
)


async def play(breaker, params):
    """Names of the stages that are refused after the steps."""
    ctx = pipeline_context()
    for step, name, times in params["steps"]:
        if step == "wait":
            await asyncio.sleep(times)
            continue
        for _ in range(times):
            if step == "trial":
                await breaker.before(name, ctx)
            await breaker.after(name, SimpleNamespace(status="completed" if step == "trial" else step), ctx)
    answers = [(name, await breaker.before(name, ctx)) for name in (SICK, NEAR)]
    return [name for name, answer in answers if answer is not None and not answer.stage_ran]


@promised
async def scenario(params):
    breaker = need("stageflow.pipeline.interceptors:CircuitBreakerInterceptor")()
    expect_equal(await play(breaker, params), list(params["refused"]), "stages refused afterwards")


class PlainBreaker:
    """The documented rules."""

    def __init__(self):
        self.failures, self.last = {}, {}

    async def before(self, name, ctx):
        waited = asyncio.get_running_loop().time() - self.last.get(name, 0.0)
        return SimpleNamespace(stage_ran=False) if self.failures.get(name, 0) >= 5 and waited <= 30 else None

    async def after(self, name, result, ctx):
        if result.status == "failed":
            self.failures[name] = self.failures.get(name, 0) + 1
            self.last[name] = asyncio.get_running_loop().time()
        else:
            self.failures[name] = 0


async def control(params):
    expect_equal(await play(PlainBreaker(), params), list(params["refused"]), "stages refused afterwards")
