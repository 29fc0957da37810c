"""A key on the run suppresses repeated requests, not the other stages of the same request."""

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="With an idempotency key only the first stage of a pipeline runs; all others get its output",
    claim=(
        "An idempotency key makes a repeated request return its earlier results: in one request every stage still runs once with "
        "its own output."
    ),
    source="docs/advanced/idempotency.md#when-to-enforce-idempotency",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
    subsystem="idempotency",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="All stages but the first never run and report success with its data: an order is reserved, say, but never charged.",
    recommendation="Make the stage name part of the cache and lock key.",
    virtual_time=True,
    cause="stageflow.pipeline.idempotency:IdempotencyInterceptor.before #stage-name",
)

CASES = (
    Case("chain of 2", {"stages": ["reserve", "charge"], "parallel": False}),
    Case("chain of 3", {"stages": ["reserve", "charge", "ship"], "parallel": False}),
    Case("2 in parallel", {"stages": ["charge", "mail"], "parallel": True}),
)


async def ran(params, data):
    ran = []

    def body(name):
        async def work(ctx):
            ran.append(name)
            return {"done": name}

        return work

    rows = []
    for number, name in enumerate(params["stages"]):
        after = () if params["parallel"] or not number else (params["stages"][number - 1],)
        rows.append((name, body(name), after, "work"))
    await outcome(default_graph(pipeline(*rows)).run(context(data=data)))
    return sorted(ran)


async def scenario(params):
    expect_equal(await ran(params, {"idempotency_key": "order-1"}), sorted(params["stages"]), "stages that ran in one request")


async def control(params):
    expect_equal(await ran(params, {}), sorted(params["stages"]), "stages that ran in one request without a key")
