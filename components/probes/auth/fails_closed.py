"""When checking a caller breaks down, the stage does not run."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="An unexpected error inside AuthInterceptor or OrgEnforcementInterceptor lets the stage run: the check fails open",
    claim="No error of the check lets a caller in: when a caller or a resource cannot be checked to the end, the stage does not run.",
    source="invariant:fail closed",
    component="stageflow.pipeline.interceptors.run_with_interceptors",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=False,
    default_setup=True,
    impact="An outage of the identity provider or of the audit sink, or a token that trips the validator, lets callers in unchecked.",
    recommendation="Refuse on any exception in before() of both, for instance by raising CriticalInterceptorError instead.",
    workaround="Subclass both interceptors and turn every exception of before() into a CriticalInterceptorError.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:run_with_interceptors #error-in-before",
)

CASES = (
    Case("validator raises KeyError", {"how": "KeyError"}),
    Case("identity provider not reachable", {"how": "ConnectionError"}),
    Case("audit sink fails on another tenant's resource", {"how": "sink"}),
)
USER, SESSION = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
MINE, OTHER = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"


class Validator:
    """Breaks as told, or accepts."""

    def __init__(self, how):
        self.how = how

    async def validate(self, token):
        if self.how == "KeyError":
            raise KeyError("sub")
        if self.how == "ConnectionError":
            raise ConnectionError("identity provider away")
        if self.how == "refuse":
            raise need("stageflow.auth:InvalidTokenError")("no")
        return {"user_id": USER, "session_id": SESSION, "org_id": MINE}


class BrokenAudit(RecordingSink):
    """Cannot take denials."""

    def try_emit(self, *, type, data):
        if type == "tenant.access_denied":
            raise OSError("audit disk full")


async def runs_of(how, sink):
    runs = []

    async def stage(ctx):
        runs.append("run")

    stack = [need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator(how))]
    data = {"_auth_token": "t"}
    if how == "sink":
        stack.append(need("stageflow.auth:OrgEnforcementInterceptor")())
        data["_resource_org_id"] = OTHER
    await outcome(graph(pipeline(("stage", stage)), stack).run(context(data=data, event_sink=sink)))
    expect_equal(len(runs), 0, "runs of a stage whose caller could not be checked")


async def scenario(params):
    await runs_of(params["how"], BrokenAudit() if params["how"] == "sink" else RecordingSink())


async def control(params):
    await runs_of("sink" if params["how"] == "sink" else "refuse", RecordingSink())
