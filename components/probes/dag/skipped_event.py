"""A skipped stage is reported to the event sink once, with the reason and the run's ids."""

from components.lab.dag_kit import results_of
from components.lab.flow import RecordingSink, context, graph, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A skipped stage is not reported exactly once with its reason and the run's ids",
    claim="Exactly one stage.<name>.skipped event is emitted for a skipped stage; it carries reason, run id and request id.",
    source="invariant:telemetry",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Dashboards miscount skipped work or cannot tie it to a request.",
    recommendation="Emit stage.<name>.skipped once per skipped stage with the snapshot's ids.",
    virtual_time=True,
)

CASES = (Case("stage returns skip", {"conditional": False}), Case("conditional stage is skipped", {"conditional": True}))


async def scenario(params):
    async def gate(ctx):
        return {"skip_reason": "quota"} if params["conditional"] else {}

    async def work(ctx):
        return need("stageflow:StageOutput").skip(reason="quota")

    sink, ctx = RecordingSink(), context
    run = ctx(event_sink=sink)
    await results_of(graph(pipeline(("gate", gate), ("work", work, ["gate"], "work", params["conditional"]))).run(run))
    seen = [
        [kind, data.get("reason"), data.get("pipeline_run_id") == str(run.pipeline_run_id), data.get("request_id") == str(run.request_id)]
        for kind, data in sink.events
        if kind.endswith(".skipped")
    ]
    expect_equal(seen, [["stage.work.skipped", "quota", True, True]], "[event, reason, right run id, right request id]")


async def control(params):
    sink = RecordingSink()
    sink.try_emit(type="stage.work.skipped", data={"reason": "quota"})
    seen = [[kind, data["reason"], True, True] for kind, data in sink.events if kind.endswith(".skipped")]
    expect_equal(seen, [["stage.work.skipped", "quota", True, True]], "[event, reason, right run id, right request id]")
