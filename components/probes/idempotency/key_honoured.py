"""A second run with the same idempotency key does not run the stage again; other keys, and none, do."""

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="The idempotency key of a run is not honoured",
    claim="With the default stack a WORK stage runs once per idempotency key; runs without a key, or with other keys, are independent.",
    source="docs/advanced/idempotency.md#wiring-the-interceptor",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
    subsystem="idempotency",
    category="reliability",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A repeated request charges the customer twice, or a new one is swallowed as a repeat.",
    recommendation="Look the result up under ctx.data['idempotency_key'] before the stage and store it there after it.",
    virtual_time=True,
)

CASES = (
    Case("same key twice", {"keys": ["order-1", "order-1"], "runs": 1}),
    Case("same key five times", {"keys": ["order-1"] * 5, "runs": 1}),
    Case("two keys", {"keys": ["order-1", "order-2"], "runs": 2}),
    Case("no key", {"keys": [None, None, None], "runs": 3}),
    Case("keys with a common prefix", {"keys": ["order-1", "order-11", "order-111", "Order-1"], "runs": 4}),
    Case("interleaved", {"keys": ["a", "b", "a", None, "b", "c", "a"], "runs": 4}),
)


async def scenario(params):
    charges = []

    async def charge(ctx):
        charges.append("charge")
        return {"receipt": len(charges)}

    built = default_graph(pipeline(("charge", charge, (), "work")))
    for key in params["keys"]:
        await outcome(built.run(context(data={"idempotency_key": key} if key else {})))
    expect_equal(len(charges), params["runs"], "runs of the stage")


async def control(params):
    charges, results = [], {}
    for key in params["keys"]:
        if key is None or key not in results:
            charges.append("charge")
            results[key] = len(charges)
    expect_equal(len(charges), params["runs"], "runs with a dictionary as cache")
