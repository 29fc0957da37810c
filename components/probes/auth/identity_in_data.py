"""Where the auth interceptor looks for the token, and where it leaves the user and organisation."""

from uuid import UUID

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="AuthInterceptor reads the token or leaves the identity in the wrong place",
    claim="The token is data['_auth_token'], else data['auth_token'], unchanged; after success data['_user_id'] and data['_org_id'] are "
    "those of the claims, and a refused token leaves no identity.",
    source="docs/api/auth.md#behavior",
    component="stageflow.auth.AuthInterceptor.before",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Stages work in the name of nobody, or of the wrong user.",
    recommendation="Read both documented keys in that order, and store both ids.",
)

USER, SESSION, ORG = (f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "123")
CASES = (
    Case("private key", {"data": {"_auth_token": "one"}, "org": ORG, "want": ["one", USER, ORG, True]}),
    Case("public key", {"data": {"auth_token": "two"}, "org": ORG, "want": ["two", USER, ORG, True]}),
    Case("both keys", {"data": {"_auth_token": "one", "auth_token": "two"}, "org": ORG, "want": ["one", USER, ORG, True]}),
    Case("personal account", {"data": {"_auth_token": "one"}, "org": None, "want": ["one", USER, "None", True]}),
    Case("refused", {"data": {"_auth_token": "bad"}, "org": ORG, "want": ["bad", "absent", "absent", False]}),
    Case("no token", {"data": {}, "org": ORG, "want": ["none seen", "absent", "absent", False]}),
)


class Validator:
    """Refuses the token `bad`, and keeps what it is shown."""

    def __init__(self, org):
        self.org, self.shown = org, []

    async def validate(self, token):
        self.shown.append(token)
        if token == "bad":
            raise need("stageflow.auth:InvalidTokenError")("no")
        return {"user_id": USER, "session_id": SESSION, "org_id": self.org}


def seen_in(data, shown, allowed):
    tokens = shown[0] if len(shown) == 1 else "none seen"
    return [tokens, str(data.get("_user_id", "absent")), str(data.get("_org_id", "absent")), allowed and "_auth_context" in data]


@promised
async def scenario(params):
    validator = Validator(params["org"])
    ctx = pipeline_context(data=dict(params["data"]), event_sink=RecordingSink())
    answer = await need("stageflow.auth:AuthInterceptor")(jwt_validator=validator).before("stage", ctx)
    allowed = answer is None or answer.stage_ran
    expect_equal(seen_in(ctx.data, validator.shown, allowed), list(params["want"]), "[token shown, user, organisation, let through]")


async def control(params):
    data = dict(params["data"])
    token = data.get("_auth_token") or data.get("auth_token")
    allowed = token not in (None, "bad")
    if allowed:
        data |= {"_user_id": UUID(USER), "_org_id": UUID(params["org"]) if params["org"] else None, "_auth_context": 1}
    expect_equal(seen_in(data, [token] if token else [], allowed), list(params["want"]), "[token shown, user, organisation, let through]")
