"""TenantContext refuses foreign resources, and its logger names the tenant."""

from uuid import UUID

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="TenantContext does not keep tenants apart",
    claim=(
        "validate_access() raises for another tenant's resource only, from_snapshot() takes the run's ids, and each log record "
        "carries them."
    ),
    source="docs/guides/authentication.md#tenantcontext",
    component="stageflow.auth.TenantContext",
    subsystem="auth",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Foreign resources pass, or audit logs cannot be attributed.",
    recommendation="Compare organisation ids and copy the snapshot's ids.",
)

MINE, OTHER, USER = UUID(int=1), UUID(int=2), UUID(int=3)
CASES = (
    Case("own", {"check": "access", "org": 1, "want": ["allowed"]}),
    Case("other", {"check": "access", "org": 2, "want": ["TenantIsolationError"]}),
    Case("shared", {"check": "access", "org": None, "want": ["allowed"]}),
    Case("from a snapshot", {"check": "snapshot", "want": [str(MINE), str(USER)]}),
    Case("snapshot without organisation", {"check": "no org", "want": []}),
    Case("log record", {"check": "log", "want": [str(MINE)] * 4}),
)


def access(org):
    try:
        need("stageflow.auth:TenantContext")(org_id=MINE).validate_access(UUID(int=org) if org else None, operation="read")
    except need("stageflow.auth:TenantIsolationError") as error:
        return [type(error).__name__]
    return ["allowed"]


def logged():
    with LogTap("probe.tenant") as tap:
        logger = need("stageflow.auth:TenantContext")(org_id=MINE).get_logger("probe.tenant")
        for level in ("debug", "info", "warning", "error"):
            getattr(logger, level)("hello", extra={"more": 1})
    return [record.org_id for record in tap.records]


def scenario(params):
    if params["check"] == "access":
        seen = access(params["org"])
    elif params["check"] == "log":
        seen = logged()
    else:
        org = None if params["check"] == "no org" else MINE
        found = need("stageflow.auth:TenantContext").from_snapshot(pipeline_context(org_id=org, user_id=USER).to_snapshot())
        seen = [str(found.org_id), str(found.user_id)] if found else []
    expect_equal(seen, list(params["want"]), f"{params['check']}")


def control(params):
    table = {"snapshot": [str(MINE), str(USER)], "no org": [], "log": [str(MINE)] * 4}
    seen = table.get(params["check"], ["TenantIsolationError" if params.get("org") == 2 else "allowed"])
    expect_equal(seen, list(params["want"]), f"{params['check']} by table")
