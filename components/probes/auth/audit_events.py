"""The audit events of the auth interceptors carry everything that is known about the request."""

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="An audit event of the auth interceptors lacks what is known",
    claim="auth.login, auth.failure and tenant.access_denied name the user, session and organisations, the request and run, the client's "
    "address and agent, and the reason, each under its documented key; one event per decision.",
    source="docs/api/auth.md#auth-events",
    component="stageflow.auth.AuthInterceptor",
    subsystem="auth",
    category="observability",
    type="silent_failure",
    consequence="lost_telemetry",
    silent=True,
    default_setup=False,
    impact="An audit cannot tell whose login, refusal or foreign access it was.",
    recommendation="Hand every known field on to the event.",
)

USER, SESSION, ORG, FOREIGN = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "1234")
LOGIN, DENIED = "stageflow.auth.AuthInterceptor._emit_auth_login", "stageflow.auth.OrgEnforcementInterceptor._emit_tenant_violation"
CASES = (
    Case("login", {"kind": "auth.login", "org": ORG, "client": False}, component=LOGIN),
    Case("login without organisation", {"kind": "auth.login", "org": None, "client": False}, component=LOGIN),
    Case("no token", {"kind": "auth.failure", "org": ORG, "client": False}),
    Case("no token, client known", {"kind": "auth.failure", "org": ORG, "client": True}),
    Case("foreign tenant", {"kind": "tenant.access_denied", "org": ORG, "client": False}, component=DENIED),
)


class Validator:
    """Accepts every token."""

    def __init__(self, org):
        self.org = org

    async def validate(self, token):
        return {"user_id": USER, "session_id": SESSION, "org_id": self.org, "roles": ["r"]}


def wanted(params, ctx):
    """The event's documented fields, without its time."""
    ids = {"request_id": str(ctx.request_id)}
    run = {"pipeline_run_id": str(ctx.pipeline_run_id)}
    client = {"ip_address": ctx.data.get("_client_ip"), "user_agent": ctx.data.get("_user_agent")}
    fields = {
        "auth.login": {"user_id": USER, "org_id": params["org"], "session_id": SESSION, **ids, **run},
        "auth.failure": {"reason": "missing_token", **client, **ids, "user_id": None},
        "tenant.access_denied": {"user_org_id": ORG, "resource_org_id": FOREIGN, "user_id": USER, **ids, **run},
    }
    return {"type": params["kind"], **fields[params["kind"]]}


def context_for(params, sink):
    data = {"_client_ip": "203.0.113.9", "_user_agent": "probe/1"} if params["client"] else {}
    data |= {} if params["kind"] == "auth.failure" else {"_auth_token": "t", "_resource_org_id": FOREIGN}
    return pipeline_context(data=data, event_sink=sink)


def verdict(events, params, ctx):
    rows = [{key: value for key, value in data.items() if key != "timestamp"} for kind, data in events if kind == params["kind"]]
    expected = wanted(params, ctx)
    wrong = sorted(
        key for key in {*expected, *(rows[0] if rows else {})} if not rows or rows[0].get(key, "absent") != expected.get(key, "absent")
    )
    expect_equal([len(rows), wrong], [1, []], f"[{params['kind']} events, fields with a wrong value]")


@promised
async def scenario(params):
    sink = RecordingSink()
    ctx = context_for(params, sink)
    await need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator(params["org"])).before("stage", ctx)
    if params["kind"] == "tenant.access_denied":
        await need("stageflow.auth:OrgEnforcementInterceptor")().before("stage", ctx)
    verdict(sink.events, params, ctx)


async def control(params):
    ctx = context_for(params, RecordingSink())
    verdict([(params["kind"], {**wanted(params, ctx), "timestamp": "now"})], params, ctx)
