"""When checking a caller breaks down, the stage does not run."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage runs unauthenticated when the token validator raises anything but an AuthenticationError",
    claim="No error of the check lets a caller in: a validator that cannot decide keeps the stage from running.",
    source="invariant:fail closed",
    component="stageflow.auth.AuthInterceptor",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="An outage of the identity provider, or a token that trips the validator, opens the service to everybody.",
    recommendation="Refuse on any exception, for instance by raising CriticalInterceptorError from before().",
    workaround="Wrap the validator and turn every exception into InvalidTokenError.",
    virtual_time=True,
)

CASES = (
    Case("validator raises KeyError", {"how": "KeyError"}),
    Case("identity provider not reachable", {"how": "ConnectionError"}),
    Case("validator returns nothing", {"how": "none"}),
    Case(
        "audit sink fails on another tenant's resource",
        {"how": "sink"},
        title="A broken audit sink lets cross-tenant access through OrgEnforcementInterceptor",
        component="stageflow.auth.OrgEnforcementInterceptor",
    ),
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
        return None if self.how == "none" else {"user_id": USER, "session_id": SESSION, "org_id": MINE}


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
