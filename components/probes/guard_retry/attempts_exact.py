"""A guard that keeps refusing is asked exactly max_attempts times, the retried stage as often."""

from components.lab.dag_kit import ending, guarded_graph
from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A guard that keeps refusing is not asked exactly max_attempts times",
    claim="max_attempts counts the guard's attempts including the first; then the run fails.",
    source="docstring:stageflow.pipeline.guard_retry.GuardRetryPolicy",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Costly stages such as model calls run more often than was allowed, or a chance to recover is lost.",
    recommendation="Compare the number of failed attempts with max_attempts after each.",
    virtual_time=True,
)

CASES = (*(Case(f"max_attempts={n}", {"max_attempts": n}) for n in (1, 2, 3, 6)), Case("default", {"max_attempts": None}))


async def scenario(params):
    made, asked = [], []
    output = need("stageflow:StageOutput")

    async def make(ctx):
        made.append(1)
        return {"n": len(made)}

    async def guard(ctx):
        asked.append(1)
        return output.fail(error="no", data={"n": len(asked)})

    policy = {"retry_stage": "make", "stagnation_limit": 99}
    if params["max_attempts"]:
        policy["max_attempts"] = params["max_attempts"]
    how = await ending(guarded_graph([("make", make), ("guard", guard, ["make"], "guard")], {"guard": policy}).run(context()))
    wanted = params["max_attempts"] or 2
    expect_equal([len(asked), len(made), how], [wanted, wanted, "UnifiedStageExecutionError"], "[guard runs, stage runs, end]")


async def control(params):
    wanted = params["max_attempts"] or 2
    asked = 0
    while asked < wanted:
        asked += 1
    expect_equal(
        [asked, asked, "UnifiedStageExecutionError"], [wanted, wanted, "UnifiedStageExecutionError"], "[guard runs, stage runs, end]"
    )
