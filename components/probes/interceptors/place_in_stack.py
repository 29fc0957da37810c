"""Every interceptor class has its documented place in the stack, and its hooks the documented defaults."""

from components.lab.flow import EmptyInterceptor, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An interceptor's priority differs from the documented one",
    claim="Each built-in interceptor has the priority of the documented table: that decides which one wraps which.",
    source="docs/guides/interceptors.md#interceptor-priority",
    component="stageflow.pipeline.interceptors.BaseInterceptor",
    subsystem="interceptors",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A custom interceptor that was put between two built-in ones by its priority runs somewhere else.",
    recommendation="Give the class attribute `priority` the documented value.",
)

MAIN, HARD = "stageflow.pipeline.interceptors", "stageflow.pipeline.interceptors_hardening"
RULES = (
    ("stageflow.auth:AuthInterceptor", 1, 1),
    ("stageflow.auth:OrgEnforcementInterceptor", 2, 2),
    ("stageflow.pipeline.idempotency:IdempotencyInterceptor", 4, 4),
    (f"{MAIN}:TimeoutInterceptor", 5, 5),
    (f"{MAIN}:CircuitBreakerInterceptor", 10, 10),
    ("stageflow.pipeline.retry:RetryInterceptor", 11, 19),
    (f"{MAIN}:TracingInterceptor", 20, 20),
    (f"{MAIN}:MetricsInterceptor", 40, 40),
    (f"{MAIN}:ChildTrackerMetricsInterceptor", 45, 45),
    (f"{MAIN}:LoggingInterceptor", 50, 50),
    (f"{HARD}:ImmutabilityInterceptor", 5, 15),
    (f"{HARD}:ContextSizeInterceptor", 40, 50),
    (f"{MAIN}:BaseInterceptor", 100, 100),
)


def cases():
    return [
        Case(path.partition(":")[2], {"of": path, "lowest": lowest, "highest": highest}, component=path.replace(":", "."))
        for path, lowest, highest in RULES
    ]


async def quietly(*given):
    """A hook that does nothing."""


def seen_as(made, name, log):
    """An interceptor of that class that writes down that it was asked, and always lets the stage run."""

    async def before(self, stage_name, ctx):
        log.append(name)
        await made.before(self, stage_name, ctx)

    return type("Seen", (made,), {"before": before, "after": quietly, "on_error": quietly})()


async def order(runs, thing, low, high):
    """Who is asked in which order, with one witness just outside and one just inside the documented place."""
    log = []
    outer, inner = seen_as(EmptyInterceptor, "outer", log), seen_as(EmptyInterceptor, "inner", log)
    outer.priority, inner.priority = low - 0.5, high + 0.5
    await runs("stage", quietly, pipeline_context(), [inner, seen_as(thing, "it", log), outer])
    return log


@promised
async def scenario(params):
    runs = need("stageflow.pipeline.interceptors:run_with_interceptors")
    log = await order(runs, need(params["of"]), params["lowest"], params["highest"])
    expect_equal(log, ["outer", "it", "inner"], f"order with neighbours outside {params['lowest']} and inside {params['highest']}")


async def control(params):
    class Plain:
        priority = params["lowest"]

        async def before(self, stage_name, ctx):
            return None

    async def runs(name, stage, ctx, interceptors):
        for interceptor in sorted(interceptors, key=lambda item: item.priority):
            await interceptor.before(name, ctx)

    expect_equal(await order(runs, Plain, params["lowest"], params["highest"]), ["outer", "it", "inner"], "order of plain objects")
