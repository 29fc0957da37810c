"""What the small questions about identity, tenant and mock tokens are answered."""

from uuid import UUID

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A question about the current user, tenant or token is answered wrongly",
    claim="A user with an AuthContext is authenticated and his e-mail is not shown in full; the current tenant is the one that was set, "
    "until cleared; mock tokens of the documented format give the user, organisation and roles they hold.",
    source="docs/api/auth.md#mockjwtvalidator",
    component="stageflow.auth.MockJwtValidator.validate",
    subsystem="auth",
    category="security",
    type="bug",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Code decides in the name of the wrong user or tenant, or writes personal data to a log.",
    recommendation="Answer from the fields that are stored.",
)

USER, ORG = "12345678-1234-4234-8234-123456789abc", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
EMAIL = "someone.known@example.org"
TENANT, AUTH = "stageflow.auth.get_current_tenant", "stageflow.auth.AuthContext"
TOKENS = {
    "user only": [f"valid_{USER}", [USER, None, []]],
    "user and organisation": [f"valid_{USER}_{ORG}", [USER, ORG, []]],
    "everything": [f"valid_{USER}_{ORG}_admin,user", [USER, ORG, ["admin", "user"]]],
    "expired": [f"expired_{USER}", ["TokenExpiredError"]],
    "invalid": [f"invalid_{USER}", ["InvalidTokenError"]],
    "missing": [f"missing_{USER}", ["MissingClaimsError"]],
}
CASES = (
    *(Case(f"token: {name}", {"ask": "token", "of": token, "want": want}) for name, (token, want) in TOKENS.items()),
    Case("authenticated", {"ask": "authenticated", "of": "", "want": True}, component=f"{AUTH}.is_authenticated"),
    Case("e-mail hidden", {"ask": "repr", "of": EMAIL, "want": [False, True]}, component=f"{AUTH}.__repr__"),
    Case("tenant set", {"ask": "tenant", "of": "set", "want": [ORG, ORG]}, component=TENANT),
    Case("tenant changed", {"ask": "tenant", "of": "set twice", "want": [USER, USER]}, component=TENANT),
    Case("tenant cleared", {"ask": "tenant", "of": "clear", "want": ["None", "TenantIsolationError"]}, component=TENANT),
    Case("tenant set to nothing", {"ask": "tenant", "of": "set None", "want": ["None", "TenantIsolationError"]}, component=TENANT),
    Case("tenant never set", {"ask": "tenant", "of": "", "want": ["None", "TenantIsolationError"]}, component=TENANT),
)


async def claims_of(validator, token):
    try:
        claims = await validator.validate(token)
    except need("stageflow.auth:AuthenticationError") as error:
        return [type(error).__name__]
    return [claims["user_id"], claims.get("org_id"), list(claims.get("roles", ()))]


def tenant_after(steps):
    api = need("stageflow.auth")
    if steps:
        api.set_current_tenant(UUID(ORG))
    if steps == "set twice":
        api.set_current_tenant(UUID(USER))
    if steps == "set None":
        api.set_current_tenant(None)
    if steps == "clear":
        api.clear_current_tenant()
    try:
        return [str(api.get_current_tenant()), str(api.require_tenant())]
    except api.TenantIsolationError as error:
        return [str(api.get_current_tenant()), type(error).__name__]


def identity(params):
    found = need("stageflow.auth:AuthContext")(user_id=UUID(USER), session_id=UUID(ORG), email=EMAIL)
    return found.is_authenticated if params["ask"] == "authenticated" else [EMAIL in repr(found), USER in repr(found)]


@promised
async def scenario(params):
    if params["ask"] == "token":
        seen = await claims_of(need("stageflow.auth:MockJwtValidator")(), params["of"])
    else:
        seen = tenant_after(params["of"]) if params["ask"] == "tenant" else identity(params)
    expect_equal(seen, params["want"], params["ask"])


async def control(params):
    if params["ask"] == "tenant":
        last = {"set": ORG, "set twice": USER}.get(params["of"])
        seen = [str(last), last or "TenantIsolationError"]
    elif params["ask"] == "token":
        kind, _, rest = params["of"].partition("_")
        user, org, roles = [*rest.split("_"), "", ""][:3]
        errors = {"expired": "TokenExpiredError", "invalid": "InvalidTokenError", "missing": "MissingClaimsError"}
        seen = [errors[kind]] if kind in errors else [user, org or None, roles.split(",") if roles else []]
    else:
        seen = True if params["ask"] == "authenticated" else [EMAIL in f"AuthContext({USER}, som***)", True]
    expect_equal(seen, params["want"], params["ask"])
