"""After a guard retry all results are consistent with the retried stage's final output."""

import asyncio

from components.lab.dag_kit import guarded_graph, results_of
from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="After a guard retry other dependents of the retried stage keep what they made of the rejected output",
    claim="In a run's results every stage's output was computed from the final outputs of its dependencies.",
    source="invariant:consistency",
    component="stageflow.pipeline.guard_retry.GuardRetryStrategy",
    subsystem="guard_retry",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="The text that a guard rejected is still spoken, stored or sent by the stages beside the guard.",
    recommendation="When a stage is retried, discard and re-run everything that depends on it.",
    workaround="Let all other consumers depend on the guard.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #guard-retry",
)

CASES = (
    Case("consumer behind the guard", {"after": ["guard"], "then": False}),
    Case("consumer beside the guard", {"after": ["make"], "then": False}),
    Case("second consumer", {"after": ["make"], "then": True}),
)


async def scenario(params):
    output = need("stageflow:StageOutput")
    made = []

    async def make(ctx):
        made.append(1)
        return {"v": len(made)}

    async def consume(ctx):
        return {"v": ctx.inputs.get("v")}

    async def guard(ctx):
        await asyncio.sleep(1)
        value = ctx.inputs.get_from("make", "v")
        return output.ok(v=value) if value >= 2 else output.fail(error="no")

    rows = [("make", make), ("guard", guard, ["make"], "guard"), ("consumer", consume, params["after"])]
    if params["then"]:
        rows.append(("last", consume, ["consumer"]))
    results = await results_of(guarded_graph(rows, {"guard": {"retry_stage": "make", "max_attempts": 3}}).run(context()))
    name = "last" if params["then"] else "consumer"
    expect_equal([results["make"].data["v"], results[name].data["v"]], [2, 2], "[version made last, version the consumer used]")


async def control(params):
    made = 0
    results = {}
    while results.get("make", 0) < 2:
        made += 1
        results = {"make": made, "consumer": made, "last": made}
    name = "last" if params["then"] else "consumer"
    expect_equal([results["make"], results[name]], [2, 2], "[version made last, version the consumer used]")
