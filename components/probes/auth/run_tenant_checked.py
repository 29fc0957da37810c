"""The run's own organisation has to be the authenticated user's."""

from uuid import UUID

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="OrgEnforcementInterceptor never compares the run's org_id with the token's",
    claim="OrgEnforcementInterceptor verifies that ctx.org_id matches AuthContext.org_id and refuses a mismatch.",
    source="docs/guides/authentication.md#orgenforcementinterceptor",
    component="stageflow.auth.OrgEnforcementInterceptor",
    subsystem="auth",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact=(
        "A user of one tenant runs pipelines in the context of another: every stage that filters by snapshot.org_id serves foreign data."
    ),
    recommendation="Compare ctx.org_id with the AuthContext's org_id in before(), as the guide says.",
    workaround="Set ctx.data['_resource_org_id'] to the run's org_id.",
    virtual_time=True,
    cause="stageflow.auth.interceptors:OrgEnforcementInterceptor.before #run",
)

MINE, OTHER = "33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"
CASES = (Case("run of another tenant", {"run_org": OTHER}),)


class Validator:
    """Accepts everything for one organisation."""

    async def validate(self, token):
        return {"user_id": MINE, "session_id": MINE, "org_id": MINE}


async def runs_of(org, resource):
    runs = []

    async def stage(ctx):
        runs.append("run")

    stack = [need("stageflow.auth:AuthInterceptor")(jwt_validator=Validator()), need("stageflow.auth:OrgEnforcementInterceptor")()]
    data = {"_auth_token": "t"} | ({"_resource_org_id": resource} if resource else {})
    await outcome(graph(pipeline(("stage", stage)), stack).run(context(org_id=UUID(org), data=data)))
    expect_equal(len(runs), 0, "runs of a stage in another tenant's run")


async def scenario(params):
    await runs_of(params["run_org"], None)


async def control(params):
    await runs_of(params["run_org"], params["run_org"])
