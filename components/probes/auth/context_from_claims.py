"""The AuthContext holds exactly the validated claims."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="AuthContext does not match the validated claims",
    claim=(
        "AuthInterceptor stores an AuthContext with the user, session, organisation, e-mail and roles of the claims, and an "
        "auth.login event."
    ),
    source="docs/api/auth.md#authinterceptor",
    component="stageflow.auth.AuthInterceptor.before",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=False,
    impact="Work is done in the name of the wrong user or with the wrong roles.",
    recommendation="Copy each claim to its own field.",
    virtual_time=True,
)

USER, SESSION, ORG = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "123")
CASES = (
    Case("all claims", {"more": {"org_id": ORG, "email": "ann@example.org", "roles": ["editor", "viewer"]}}),
    Case("personal account", {"more": {}}),
    Case("no roles", {"more": {"org_id": ORG, "roles": []}}),
)


class Validator:
    """Accepts everything with fixed claims."""

    def __init__(self, claims):
        self.claims = claims

    async def validate(self, token):
        return dict(self.claims)


def wanted(more):
    return [USER, SESSION, more.get("org_id"), more.get("email"), list(more.get("roles", [])), USER]


async def scenario(params):
    async def stage(ctx):
        return {}

    sink, claims = RecordingSink(), {"user_id": USER, "session_id": SESSION, **params["more"]}
    ctx = context(data={"_auth_token": "t"}, event_sink=sink)
    stack = [need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator(claims))]
    await outcome(graph(pipeline(("stage", stage)), stack).run(ctx))
    found = ctx.data["_auth_context"]
    logins = [event["user_id"] for event in sink.of("auth.login")]
    org = str(found.org_id) if found.org_id else None
    seen = [str(found.user_id), str(found.session_id), org, found.email, list(found.roles), *logins]
    expect_equal(seen, wanted(params["more"]), "user, session, organisation, e-mail, roles, user of the login event")


async def control(params):
    claims = {"user_id": USER, "session_id": SESSION, **params["more"]}
    seen = [claims["user_id"], claims["session_id"], claims.get("org_id"), claims.get("email"), claims.get("roles", []), USER]
    expect_equal(seen, wanted(params["more"]), "claims copied by hand")
