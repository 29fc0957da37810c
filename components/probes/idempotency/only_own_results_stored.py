"""Only a stage that ran has its result stored: neither the answer to a duplicate nor a refusal becomes the result of a key."""

import asyncio

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="IdempotencyInterceptor also stores results of stages that did not run: duplicates and refusals become the stored one",
    claim=(
        "A result is stored when a stage completes: duplicates receive the result of the run that did the work until its time to "
        "live is over, and a request that was refused leaves nothing behind."
    ),
    source="docs/advanced/idempotency.md#observability",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor.after",
    subsystem="idempotency",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact=(
        "A duplicate replaces the stored receipt by an empty one and renews its life; after a refusal the permitted request gets an "
        "empty success and its work is never done."
    ),
    recommendation="Store in after() only when before() of this interceptor let the stage run and nobody else answered for it.",
    workaround="Use a store whose set() keeps an entry that is there and ignores results with an error.",
    virtual_time=True,
    cause="stageflow.pipeline.idempotency:IdempotencyInterceptor.after",
)

TTL = 10
CASES = (
    Case("data of 3 requests", {"gaps": [1, 1], "refuse": None, "want": ["receipt 1", "receipt 1", "receipt 1"]}),
    Case("hit does not prolong the entry", {"gaps": [6, 6], "refuse": None, "want": ["receipt 1", "receipt 1", "receipt 2"]}),
    Case("refused outside, as auth does", {"gaps": [1], "refuse": 1, "want": [None, "receipt 1"]}),
    Case("refused inside", {"gaps": [1], "refuse": 500, "want": [None, "receipt 1"]}),
)


class Doorman(EmptyInterceptor):
    """Refuses the first request."""

    name = "doorman"

    def __init__(self, priority):
        self.priority = priority
        self.asked = False

    async def before(self, stage_name, ctx):
        if self.asked:
            return None
        self.asked = True
        return need("stageflow.pipeline.interceptors:InterceptorResult")(stage_ran=False, error="not now")


async def receipts(params, key):
    runs = []

    async def charge(ctx):
        runs.append("run")
        return {"receipt": f"receipt {len(runs)}"}

    stack = [need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(ttl_seconds=TTL)]
    stack += [Doorman(params["refuse"])] if params["refuse"] else []
    built, seen = graph(pipeline(("charge", charge, (), "work")), stack), []
    for number, gap in enumerate([0, *params["gaps"]]):
        await asyncio.sleep(gap)
        results, _ = await outcome(built.run(context(data={"idempotency_key": key(number)})))
        seen.append(results["charge"].data.get("receipt") if results else None)
    return seen


async def scenario(params):
    seen = await receipts(params, lambda number: "order-1")
    expect_equal(seen, list(params["want"]), f"receipts of {len(seen)} requests with one key, ttl {TTL} s")


async def control(params):
    if params["refuse"]:
        expect_equal(
            await receipts(params, lambda number: f"order-{number}"), list(params["want"]), "receipts of requests with keys of their own"
        )
        return
    clock, stored, runs, seen = asyncio.get_running_loop(), None, 0, []
    for gap in [0, *params["gaps"]]:
        await asyncio.sleep(gap)
        if stored is None or stored[1] <= clock.time():
            runs += 1
            stored = (f"receipt {runs}", clock.time() + TTL)
        seen.append(stored[0])
    expect_equal(seen, list(params["want"]), "receipts from a dictionary that is only written on a miss")
