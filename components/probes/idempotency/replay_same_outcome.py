"""A duplicate gets the outcome of the first run: its status as well as its data."""

from components.lab.flow import context, default_graph, outcome, pipeline, status_of
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An idempotent duplicate reports OK where the first run skipped or cancelled",
    claim="A duplicate receives the first run's result: a stage that skipped or cancelled the pipeline does so for the duplicate as well.",
    source="docs/advanced/idempotency.md#atomic-duplicate-handling",
    component="stageflow.pipeline.idempotency.CachedStageResult",
    subsystem="idempotency",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Repeating a request that was stopped on purpose gets through: what the first run refused, the second one continues.",
    recommendation="Store the StageOutput with its status, or only store OK outputs.",
    workaround="Raise instead of returning StageOutput.cancel() or skip() in stages that use idempotency keys.",
    virtual_time=True,
    cause="stageflow.pipeline.dag:UnifiedStageGraph._stage_output_to_result",
)

CASES = (
    Case("ok", {"status": "ok"}),
    Case("skip", {"status": "skip"}),
    Case("cancel", {"status": "cancel"}),
)


async def twice(params, keys):
    output = need("stageflow:StageOutput")

    async def decide(ctx):
        return output.ok(data={"a": 1}) if params["status"] == "ok" else getattr(output, params["status"])("not today")

    built = default_graph(pipeline(("decide", decide, (), "work")))
    seen = []
    for key in keys:
        results, error = await outcome(built.run(context(data={"idempotency_key": key})))
        seen.append(type(error).__name__ if error else status_of(results["decide"]))
    expect_equal(seen[1], seen[0], "outcome of the duplicate, as of the first run")


async def scenario(params):
    await twice(params, ["order-1", "order-1"])


async def control(params):
    await twice(params, ["order-1", "order-2"])
