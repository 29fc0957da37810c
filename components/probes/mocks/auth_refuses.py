"""The mock authentication accepts known valid tokens and refuses the others."""

from datetime import UTC, datetime, timedelta

from components.lab.flow import outcome
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="MockAuthProvider accepts a token it should refuse, or gives the wrong claims",
    claim="validate() returns the claims of a valid token and raises ValueError for an unknown or expired one.",
    source="docstring:stageflow.helpers.mocks.MockAuthProvider.validate",
    component="stageflow.helpers.MockAuthProvider",
    subsystem="mocks",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Authorisation tests pass with any token.",
    recommendation="Look the token up, check its expiry, and accept others only with accept_any.",
)

CASES = (
    Case("known", {"token": "good", "options": {}, "result": "ann"}),
    Case("unknown", {"token": "other", "options": {}, "result": "ValueError"}),
    Case("empty", {"token": "", "options": {}, "result": "ValueError"}),
    Case("expired", {"token": "old", "options": {}, "result": "ValueError"}),
    Case("expired-accept-any", {"token": "old", "options": {"accept_any": True}, "result": "ValueError"}),
    Case("accept-any", {"token": "other", "options": {"accept_any": True}, "result": "mock-user"}),
    Case("created", {"token": "created", "options": {}, "result": "bob"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.helpers")
    return CASES


async def scenario(params):
    mocks = need("stageflow.helpers.mocks")
    now = datetime.now(UTC)
    tokens = {
        "good": mocks.MockJWTClaims(sub="ann", exp=now + timedelta(hours=1)),
        "old": mocks.MockJWTClaims(sub="ann", exp=now - timedelta(seconds=1)),
    }
    auth = mocks.MockAuthProvider(valid_tokens=tokens, **params["options"])
    token = auth.create_token("bob", roles=["r"])[0] if params["token"] == "created" else params["token"]
    claims, error = await outcome(auth.validate(token))
    expect_equal(type(error).__name__ if error else claims.sub, params["result"], f"validation of the {params['token'] or 'empty'} token")


def control(params):
    valid = {"good": "ann", "created": "bob"}
    found = valid.get(params["token"]) or ("mock-user" if params["options"] and params["token"] == "other" else "ValueError")
    expect_equal(found, params["result"], "looked up in a plain table")
