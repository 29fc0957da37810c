"""The interceptor uses the store and the extractors it is given."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A setting of IdempotencyInterceptor is ignored",
    claim="The store, key extractor and parameter extractor passed in are the ones used; a shared store joins separate graphs.",
    source="docs/advanced/idempotency.md#wiring-the-interceptor",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor.__init__",
    subsystem="idempotency",
    category="correctness",
    type="bug",
    consequence="data_loss",
    silent=True,
    default_setup=False,
    impact="Two workers that share a store still do the work twice.",
    recommendation="Use the given objects instead of the defaults.",
    virtual_time=True,
)

CASES = (
    Case("shared store", {"option": "store", "runs": 1}),
    Case("shared store through the default stack", {"option": "default stack", "runs": 1}),
    Case("separate stores", {"option": "none", "runs": 2}),
    Case("key extractor", {"option": "key_extractor", "runs": 1}),
    Case("idempotency left out of the default stack", {"option": "excluded", "runs": 2}),
)


def stack(option, store):
    guard = need("stageflow.pipeline.idempotency:IdempotencyInterceptor")
    defaults = need("stageflow:get_default_interceptors")
    if option == "default stack":
        return defaults(idempotency_store=store)
    if option == "excluded":
        return defaults(include_idempotency=False, idempotency_store=store)
    if option == "key_extractor":
        return [guard(store=store, key_extractor=lambda ctx: ctx.data.get("order"))]
    return [guard(store=store)] if option == "store" else [guard()]


async def scenario(params):
    runs, store = [], need("stageflow.pipeline.idempotency:InMemoryIdempotencyStore")()

    async def charge(ctx):
        runs.append("run")
        return {"receipt": 1}

    for key in ("order-1", "order-1") if params["option"] != "key_extractor" else ("x", "y"):
        built = graph(pipeline(("charge", charge, (), "work")), stack(params["option"], store))
        await outcome(built.run(context(data={"idempotency_key": key, "order": 7})))
    expect_equal(len(runs), params["runs"], "runs of the stage in two graphs")


async def control(params):
    shared, runs = {}, 0
    for _ in range(2):
        cache = shared if params["runs"] == 1 else {}
        runs += "order-1" not in cache
        cache["order-1"] = 1
    expect_equal(runs, params["runs"], "runs with plain dictionaries")
