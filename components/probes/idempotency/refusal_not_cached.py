"""A request that another interceptor refused is not stored as the result of its key."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A refused request is stored as the result of its idempotency key: the permitted repetition never runs",
    claim=(
        "Only results of stages that ran are stored: when an interceptor refuses a request, the same key runs the stage once it is allowed."
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
        "An unauthenticated caller, or an open circuit breaker, poisons a key: the real request gets an empty success and its "
        "work is never done."
    ),
    recommendation="Store a result only when this interceptor let the stage run and it ran.",
    workaround="Use a new key after every refusal.",
    virtual_time=True,
)

CASES = (
    Case("refused inside", {"priority": 500}),
    Case("refused outside, as auth does", {"priority": 1}),
)


class Doorman(EmptyInterceptor):
    """Refuses until `open` is set."""

    name = "doorman"

    def __init__(self, priority):
        self.priority = priority
        self.open = False

    async def before(self, stage_name, ctx):
        if self.open:
            return None
        return need("stageflow.pipeline.interceptors:InterceptorResult")(stage_ran=False, error="not now")


async def runs_when_open(params, keys):
    runs = []

    async def charge(ctx):
        runs.append("run")
        return {"receipt": 1}

    doorman = Doorman(params["priority"])
    built = graph(pipeline(("charge", charge, (), "work")), [need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(), doorman])
    await outcome(built.run(context(data={"idempotency_key": keys[0]})))
    doorman.open = True
    await outcome(built.run(context(data={"idempotency_key": keys[1]})))
    expect_equal(len(runs), 1, "runs of the stage after a refused and a permitted request")


async def scenario(params):
    await runs_when_open(params, ["order-1", "order-1"])


async def control(params):
    await runs_when_open(params, ["order-1", "order-2"])
