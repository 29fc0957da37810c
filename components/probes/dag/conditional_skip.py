"""Only a conditional stage is skipped by an upstream skip_reason, and it reports that reason."""

from components.lab.flow import context, graph, pipeline, status_of
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="skip_reason does not skip exactly the conditional stages that depend on it",
    claim="A conditional stage is skipped, with that reason, when an upstream output holds a skip_reason; other stages run.",
    source="docs/guides/pipelines.md#conditional-stages",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A switched-off branch works, or a needed one does not.",
    recommendation="Skip a stage when it is conditional and an upstream output has a skip_reason, and only then.",
    virtual_time=True,
)

CASES = (
    Case("conditional with reason", {"conditional": True, "data": {"skip_reason": "quota"}, "expected": ["skip", "quota", 0]}),
    Case("conditional without reason", {"conditional": True, "data": {"other": 1}, "expected": ["ok", None, 1]}),
    Case("conditional with empty reason", {"conditional": True, "data": {"skip_reason": ""}, "expected": ["ok", None, 1]}),
    Case("unconditional with reason", {"conditional": False, "data": {"skip_reason": "quota"}, "expected": ["ok", None, 1]}),
    Case("reason only further up", {"conditional": True, "data": {"skip_reason": "quota"}, "far": True, "expected": ["ok", None, 1]}),
)


async def scenario(params):
    ran = []

    async def gate(ctx):
        return params["data"]

    async def between(ctx):
        return {}

    async def work(ctx):
        ran.append(1)
        return {}

    after = ["between"] if params.get("far") else ["gate"]
    rows = ("gate", gate), ("between", between, ["gate"]), ("work", work, after, "work", params["conditional"])
    result = (await graph(pipeline(*rows)).run(context()))["work"]
    expect_equal([status_of(result), result.data.get("reason"), len(ran)], list(params["expected"]), "[status, reason, times run]")


async def control(params):
    reason = None if params.get("far") else params["data"].get("skip_reason")
    seen = ["skip", reason, 0] if params["conditional"] and reason else ["ok", None, 1]
    expect_equal(seen, list(params["expected"]), "[status, reason, times run]")
