"""A request that is cancelled or aborted lets the next one with its key go on."""

import asyncio

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="The idempotency lock leaks when a run is cancelled or aborted: the next request with the same key hangs for ever",
    claim="Whatever way a request ends, the lock of its idempotency key is released and a later request with that key makes progress.",
    source="invariant:liveness",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
    subsystem="idempotency",
    category="reliability",
    type="reliability",
    consequence="hang",
    silent=False,
    default_setup=True,
    impact="After one cancelled or aborted request every repetition with its key waits until the process is restarted.",
    recommendation="Release the key's lock also when run_with_interceptors is left by an exception that skips on_error and after.",
    workaround="Use a new key for the repetition after a cancelled request.",
    virtual_time=True,
    cause="stageflow.pipeline.idempotency:IdempotencyInterceptor.before #lock-on-abort",
)

CASES = (
    Case("stage ends with CancelledError", {"how": "cancelled"}),
    Case("critical error of an inner interceptor", {"how": "critical"}),
)


class Refuser(EmptyInterceptor):
    """Aborts the first stage it sees with a critical error."""

    name = "refuser"
    priority = 500

    def __init__(self):
        self.refused = False

    async def before(self, stage_name, ctx):
        if not self.refused:
            self.refused = True
            raise need("stageflow.pipeline.interceptors:CriticalInterceptorError")("no", self.name)


async def second_ends(params, same_key):
    runs = []

    async def charge(ctx):
        runs.append("run")
        if params["how"] == "cancelled" and len(runs) == 1:
            call = asyncio.ensure_future(asyncio.sleep(60))
            call.cancel()
            await call
        return {"receipt": 1}

    stack = [need("stageflow.pipeline.idempotency:IdempotencyInterceptor")()]
    built = graph(pipeline(("charge", charge, (), "work")), stack + ([Refuser()] if params["how"] == "critical" else []))
    first = asyncio.ensure_future(outcome(built.run(context(data={"idempotency_key": "order-1"}))))
    await asyncio.wait([first])
    key = "order-1" if same_key else "order-2"
    second = asyncio.ensure_future(outcome(built.run(context(data={"idempotency_key": key}))))
    done, _ = await asyncio.wait([second], timeout=300)
    second.cancel()
    expect(bool(done), "the second request with the key ends", "still waiting after 300 s")


async def scenario(params):
    await second_ends(params, same_key=True)


async def control(params):
    await second_ends(params, same_key=False)
