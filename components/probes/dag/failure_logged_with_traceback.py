"""The error log of a failed run shows where the stage raised."""

import logging

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="The error log of a failed run says 'NoneType: None' where the traceback of the stage should be",
    claim="An error record that asks for the exception carries it: the log of a stage that raises shows its traceback.",
    source="invariant:telemetry",
    component="stageflow.pipeline.dag.UnifiedStageGraph.run",
    subsystem="dag",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Who has only the log cannot tell which line of which stage failed.",
    recommendation="Pass exc_info=exc in UnifiedStageGraph.run: exc_info=True takes the exception being handled, and there is none.",
    workaround="Log error.original with its traceback where run() is awaited.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph.run #traceback",
)

CASES = (Case("alone", {"beside": 0}), Case("beside two others", {"beside": 2}))


def check(records):
    """Every record that was written with exception information has an exception."""
    asked = [record for record in records if record.levelname in ("ERROR", "CRITICAL") and record.exc_info]
    empty = sum(record.exc_info[0] is None for record in asked)
    expect_equal(empty, 0, "error records with 'NoneType: None' in place of a traceback")


async def scenario(params):
    async def broken(ctx):
        raise LookupError("gone")

    async def fine(ctx):
        return {"fine": True}

    others = [(f"fine{n}", fine) for n in range(params["beside"])]
    with LogTap("pipeline_dag") as tap:
        await outcome(graph(pipeline(("broken", broken), *others)).run(context()))
    check(tap.records)


async def control(params):
    with LogTap("probe") as tap:
        for _ in range(params["beside"] + 1):
            try:
                raise LookupError("gone")
            except LookupError:
                logging.getLogger("probe").error("failed", exc_info=True)
    check(tap.records)
