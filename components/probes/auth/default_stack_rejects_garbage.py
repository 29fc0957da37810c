"""The default auth stack does not let an unsigned, made-up token through."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, NotApplicable, Probe, expect_equal, need

PROBE = Probe(
    title="The default auth stack accepts any made-up token: the mock validator is the production default",
    claim="With get_default_interceptors(include_auth=True) a stage runs only for a token that was validated; garbage is refused.",
    source="docs/guides/authentication.md#1-always-validate-tokens",
    component="stageflow.pipeline.interceptors.get_default_interceptors",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Authentication that was switched on with the documented flag admits everybody.",
    recommendation="Require a validator: refuse every token until one is configured, and keep the mock for tests.",
    workaround="Put AuthInterceptor(jwt_validator=...) with a real validator into the stack by hand.",
    virtual_time=True,
    cause="stageflow.pipeline.interceptors:get_default_interceptors",
)

CASES = tuple(
    Case(name, {"token": token}) for name, token in (("word", "garbage"), ("forged JWT", "eyJhbGciOiJub25lIn0.e30."), ("dot", "."))
)


async def runs_of(params, stack):
    runs = []

    async def stage(ctx):
        runs.append("run")

    await outcome(graph(pipeline(("stage", stage)), stack).run(context(data={"_auth_token": params["token"]})))
    expect_equal(len(runs), 0, "runs of a stage for a token nobody issued")


async def scenario(params):
    try:
        stack = need("stageflow:get_default_interceptors")(include_auth=True)
    except ImportError as error:
        raise NotApplicable("there is no default stack with authentication") from error
    await runs_of(params, stack)


class RefuseAll:
    """A validator that knows no token."""

    async def validate(self, token):
        raise need("stageflow.auth:InvalidTokenError")("unknown token")


async def control(params):
    await runs_of(params, [need("stageflow.auth:AuthInterceptor")(jwt_validator=RefuseAll())])
