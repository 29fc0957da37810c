"""A user who belongs to no organisation does not get at an organisation's resources."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="Documentation says cross-tenant access is blocked, but a token without org_id reaches every organisation's resources",
    claim=(
        "OrgEnforcementInterceptor checks the resource against the user's organisation and blocks cross-tenant access; for a user "
        "without an organisation the reference names no exception."
    ),
    source="docs/api/auth.md#orgenforcementinterceptor",
    component="stageflow.auth.OrgEnforcementInterceptor.before",
    subsystem="auth",
    category="security",
    type="documentation",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Who relies on the reference lets users with personal accounts work on every tenant's resources.",
    recommendation="Refuse a resource that has an organisation when the user has none, or document that it is let through.",
    workaround="Let the validator refuse tokens without org_id.",
    virtual_time=True,
    cause="stageflow.auth.interceptors:OrgEnforcementInterceptor.before #no-organisation",
)

ORG = "33333333-3333-4333-8333-333333333333"
USER = "55555555-5555-4555-8555-555555555555"
CASES = (Case("personal account", {"claims": {}}), Case("empty claim", {"claims": {"org_id": ""}}))


class Validator:
    """Accepts everything with the given claims."""

    def __init__(self, claims):
        self.claims = claims

    async def validate(self, token):
        return {"user_id": USER, "session_id": USER, **self.claims}


async def runs_of(claims):
    runs = []

    async def stage(ctx):
        runs.append("run")

    stack = [need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator(claims)), need("stageflow.auth:OrgEnforcementInterceptor")()]
    data = {"_auth_token": "t", "_resource_org_id": ORG}
    await outcome(graph(pipeline(("stage", stage)), stack).run(context(data=data)))
    expect(not runs, "a stage does not run on a resource of an organisation the user is not in", "it ran")


async def scenario(params):
    await runs_of(params["claims"])


async def control(params):
    await runs_of({"org_id": USER})
