"""A conditional stage is skipped when the stage it depends on was skipped."""

from components.lab.dag_kit import results_of
from components.lab.flow import context, graph, pipeline, status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A conditional stage runs although the stage it depends on returned StageOutput.skip(reason)",
    claim="A conditional stage is skipped for the reason that its upstream gave with StageOutput.skip(reason).",
    source="invariant:producer and consumer agree on the key",
    component="stageflow.core.stage_output.StageOutput.skip",
    subsystem="dag",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Branches that were switched off do their work all the same.",
    recommendation='Look at upstream outputs with status SKIP (their key is "reason") besides data["skip_reason"].',
    workaround='Return StageOutput.skip(reason, data={"skip_reason": reason}).',
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph._run_stage #skip-reason",
)

CASES = (Case("reason given", {"reason": "not needed"}),)


async def scenario(params):
    output = need("stageflow:StageOutput")

    async def gate(ctx):
        return output.skip(reason=params["reason"])

    async def work(ctx):
        return output.ok()

    results = await results_of(graph(pipeline(("gate", gate), ("work", work, ["gate"], "work", True))).run(context()))
    expect_equal(status_of(results["work"]), "skip", "status of a conditional stage behind a skipped one")


async def control(params):
    upstream = {"status": "skip", "reason": params["reason"]}
    status = "skip" if upstream["status"] == "skip" and upstream["reason"] else "ok"
    expect_equal(status, "skip", "status of a conditional step behind a skipped one")
