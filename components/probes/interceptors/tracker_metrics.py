"""The child tracker's metrics are logged for child runs only, in full, and trouble with them does not stop a stage."""

import uuid
from types import SimpleNamespace

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="ChildTrackerMetricsInterceptor does not log the tracker's metrics",
    claim="After a stage of a child run, one record of stageflow.child_tracker_metrics carries the run's id and every metric of the child "
    "tracker; after other stages there is none.",
    source="docs/guides/observability.md#childtrackermetricsinterceptor",
    component="stageflow.pipeline.interceptors.ChildTrackerMetricsInterceptor",
    subsystem="interceptors",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="The sub-pipelines of a service cannot be counted.",
    recommendation="Log all metrics of get_child_tracker() with the run's id.",
)

RUN = "12345678-1234-4234-8234-123456789abc"
CASES = (
    Case("child run", {"child": True, "run": RUN, "want": [[RUN, True, "ChildRunTracker", []]]}),
    Case("child run without id", {"child": True, "run": None, "want": [[None, True, "ChildRunTracker", []]]}),
    Case("root run", {"child": False, "run": RUN, "want": []}),
    Case("context that cannot tell", {"child": None, "run": RUN, "want": []}),
)


@promised
async def scenario(params):
    made = need("stageflow.pipeline.interceptors:ChildTrackerMetricsInterceptor")()
    tracker = need("stageflow.pipeline.subpipeline:get_child_tracker")()
    run = uuid.UUID(params["run"]) if params["run"] else None
    ctx = SimpleNamespace(pipeline_run_id=run, **({} if params["child"] is None else {"is_child_run": params["child"]}))
    with LogTap("stageflow.child_tracker_metrics") as tap:
        answer = await made.before("stage", ctx)
        await made.after("stage", None, ctx)
    metrics = await tracker.get_metrics()
    told = [
        [row.pipeline_run_id, row.is_child_run, row.component, sorted(name for name in metrics if not hasattr(row, name))]
        for row in tap.records
        if hasattr(row, "component")
    ]
    expect_equal([answer, len(tap.records), told], [None, len(params["want"]), list(params["want"])], "[answer, records, what they carry]")


async def control(params):
    seen = [[params["run"], True, "ChildRunTracker", []]] if params["child"] else []
    expect_equal(seen, list(params["want"]), "records by rule")
