"""A token that the validator refuses, or claims that are incomplete, keep the stage from running."""

from components.lab.flow import RecordingSink, context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A stage runs although authentication failed",
    claim="Missing, expired, invalid or incomplete tokens keep every stage from running, and one auth.failure event names the reason.",
    source="docs/api/auth.md#authinterceptor",
    component="stageflow.auth.AuthInterceptor",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Unauthenticated callers get work done.",
    recommendation="Refuse on every authentication failure and emit the event with its code.",
    virtual_time=True,
)

USER, SESSION = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
CASES = (
    Case("no token", {"token": None, "validator": "good", "seen": [0, ["missing_token"]]}),
    Case("empty token", {"token": "", "validator": "good", "seen": [0, ["missing_token"]]}),
    Case("expired", {"token": "t", "validator": "TokenExpiredError", "seen": [0, ["token_expired"]]}),
    Case("invalid", {"token": "t", "validator": "InvalidTokenError", "seen": [0, ["invalid_token"]]}),
    Case("missing claims", {"token": "t", "validator": "MissingClaimsError", "seen": [0, ["missing_claims"]]}),
    Case("other authentication error", {"token": "t", "validator": "AuthenticationError", "seen": [0, ["auth_error"]]}),
    Case("no user in the claims", {"token": "t", "validator": "no user_id", "seen": [0, ["missing_claims"]]}),
    Case("no session in the claims", {"token": "t", "validator": "no session_id", "seen": [0, ["missing_claims"]]}),
    Case("user is not a UUID", {"token": "t", "validator": "bad user_id", "seen": [0, ["invalid_token"]]}),
    Case("organisation is not a UUID", {"token": "t", "validator": "bad org_id", "seen": [0, ["invalid_token"]]}),
    Case("good token", {"token": "t", "validator": "good", "seen": [1, []]}),
)


class Validator:
    """Answers as told."""

    def __init__(self, how):
        self.how = how

    async def validate(self, token):
        if self.how.endswith("Error"):
            raise need(f"stageflow.auth:{self.how}")("no")
        claims = {"user_id": USER, "session_id": SESSION}
        kind, _, claim = self.how.partition(" ")
        if kind == "no":
            del claims[claim]
        if kind == "bad":
            claims[claim] = "not-a-uuid"
        return claims


async def scenario(params):
    runs, sink = [], RecordingSink()

    async def stage(ctx):
        runs.append("run")

    stack = [need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator(params["validator"]))]
    data = {} if params["token"] is None else {"_auth_token": params["token"]}
    await outcome(graph(pipeline(("stage", stage)), stack).run(context(data=data, event_sink=sink)))
    reasons = [event["reason"] for event in sink.of("auth.failure")]
    expect_equal([len(runs), reasons], list(params["seen"]), "runs of the stage, and reasons in auth.failure events")


async def control(params):
    codes = {"TokenExpiredError": "token_expired", "InvalidTokenError": "invalid_token", "AuthenticationError": "auth_error"}
    how = params["validator"]
    reason = "missing_token" if not params["token"] else None if how == "good" else codes.get(how)
    if params["token"] and how != "good" and reason is None:
        reason = "invalid_token" if how.startswith("bad") else "missing_claims"
    expect_equal([int(reason is None), [reason] if reason else []], list(params["seen"]), "runs and reasons by table")
