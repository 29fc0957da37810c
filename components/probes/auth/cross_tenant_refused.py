"""A stage that works on another tenant's resource is refused and the attempt is audited."""

from uuid import UUID

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage runs on another tenant's resource",
    claim=(
        "OrgEnforcementInterceptor lets a stage run only if the resource is the user's own organisation's, and audits every "
        "attempt on another's."
    ),
    source="docs/api/auth.md#orgenforcementinterceptor",
    component="stageflow.auth.OrgEnforcementInterceptor",
    subsystem="auth",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Customers read and change each other's data.",
    recommendation="Refuse whenever both organisations are known and differ, or the check is not possible.",
    virtual_time=True,
)

MINE, OTHER = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"
CASES = (
    Case("own, as text", {"resource": MINE, "kind": "text", "auth": True, "seen": [1, 0]}),
    Case("own, as UUID", {"resource": MINE, "kind": "uuid", "auth": True, "seen": [1, 0]}),
    Case("own, upper case", {"resource": MINE.upper(), "kind": "text", "auth": True, "seen": [1, 0]}),
    Case("no resource", {"resource": None, "kind": "text", "auth": True, "seen": [1, 0]}),
    Case("other, as text", {"resource": OTHER, "kind": "text", "auth": True, "seen": [0, 1]}),
    Case("other, as UUID", {"resource": OTHER, "kind": "uuid", "auth": True, "seen": [0, 1]}),
    Case("malformed", {"resource": "everything", "kind": "text", "auth": True, "seen": [0, 0]}),
    Case("no authentication before", {"resource": MINE, "kind": "text", "auth": False, "seen": [0, 0]}),
)


class Validator:
    """Accepts everything for one organisation."""

    async def validate(self, token):
        return {"user_id": MINE, "session_id": MINE, "org_id": MINE}


async def scenario(params):
    runs, sink = [], RecordingSink()

    async def stage(ctx):
        runs.append("run")

    stack = [need("stageflow.auth:OrgEnforcementInterceptor")()]
    if params["auth"]:
        stack.append(need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator()))
    resource = UUID(params["resource"]) if params["kind"] == "uuid" else params["resource"]
    data = {"_auth_token": "t"} | ({} if resource is None else {"_resource_org_id": resource})
    await outcome(graph(pipeline(("stage", stage)), stack).run(context(data=data, org_id=None, event_sink=sink)))
    expect_equal([len(runs), len(sink.of("tenant.access_denied"))], list(params["seen"]), "runs of the stage, tenant.access_denied events")


async def control(params):
    resource = (params["resource"] or "").lower()
    allowed = params["auth"] and resource in ("", MINE)
    expect_equal([int(allowed), int(params["auth"] and resource == OTHER)], list(params["seen"]), "runs and audits by rule")
