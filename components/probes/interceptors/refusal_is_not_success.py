"""A stage that was refused is not reported as done."""

from components.lab.flow import EmptyInterceptor, context, graph, outcome, pipeline, status_of
from components.lab.probe import Case, NotApplicable, Probe, expect, need

PROBE = Probe(
    title="A stage refused by an interceptor is reported as a success with empty output, and its dependents run on it",
    claim="When a breaker, authentication or tenancy refuses a stage, the run does not report that stage as OK.",
    source="docs/guides/authentication.md#5-handle-auth-failures-gracefully",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="interceptors",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Callers get status OK and empty data for work that was never allowed to start; the refusal's reason is lost.",
    recommendation="Make a short circuit with an error and no result a failed result, and keep its message.",
    workaround="Subclass interceptors that refuse and raise CriticalInterceptorError where they do.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:run_with_interceptors #refusal",
)

CASES = (
    Case("missing token", {"by": "auth", "token": None}),
    Case("expired token", {"by": "auth", "token": "expired_x"}),
    Case("open circuit breaker", {"by": "breaker"}),
)


class Doorman(EmptyInterceptor):
    """Refuses every stage with a critical error."""

    name, priority = "doorman", 10

    async def before(self, stage_name, ctx):
        raise need("stageflow.pipeline.interceptors:CriticalInterceptorError")("not allowed", self.name)


def stack(params):
    if params["by"] == "auth":
        return [need("stageflow.auth:AuthInterceptor")(jwt_validator=need("stageflow.auth:MockJwtValidator")())]
    return [need("stageflow:CircuitBreakerInterceptor")()]


async def last_outcome(params, interceptors):
    ran = []

    async def stage(ctx):
        ran.append("run")
        return need("stageflow:StageOutput").fail(error="away")

    built = graph(pipeline(("stage", stage)), interceptors)
    for _ in range(5 if params["by"] == "breaker" else 0):
        await outcome(built.run(context()))
    ran.clear()
    token = {"_auth_token": params["token"]} if params.get("token") else {}
    results, error = await outcome(built.run(context(data=token)))
    if ran:
        raise NotApplicable("the stage was not refused")
    status = "run failed" if error else f"run succeeded, stage status {status_of(results['stage'])}"
    expect(not status.endswith("ok"), "the refused stage is not reported as OK", status)


async def scenario(params):
    await last_outcome(params, stack(params))


async def control(params):
    await last_outcome({"by": "doorman"}, [Doorman()])
