"""A refused access names both tenants and the operation, and each log record carries the tenant's ids and the caller's extras."""

import logging
from uuid import UUID

from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.tool_kit import LogTap

PROBE = Probe(
    title="TenantContext loses ids, extras or the operation on the way to a log or an error",
    claim="Each record of a tenant's logger carries organisation, user, session and what the caller adds, at the level asked for; the "
    "error of a refused access names both organisations and the operation.",
    source="docs/api/auth.md#tenantcontext",
    component="stageflow.auth.TenantAwareLogger",
    subsystem="auth",
    category="observability",
    type="log_issue",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Audit logs cannot be attributed to a tenant, user or request.",
    recommendation="Merge the tenant's ids with the caller's extras, and hand everything on.",
)

MINE, OTHER, USER, SESSION = (UUID(int=number) for number in (1, 2, 3, 4))
LEVELS = ("debug", "info", "warning", "error", "exception")
CONTEXT = "stageflow.auth.TenantContext"
CASES = (
    *(Case(level, {"what": "log", "level": level, "filled": True}) for level in LEVELS),
    Case("ids not known", {"what": "log", "level": "info", "filled": False}),
    Case("no extras", {"what": "log", "level": "plain", "filled": True}),
    Case("refused access", {"what": "error", "operation": "delete_invoice"}, component=f"{CONTEXT}.validate_access"),
    Case("refused access, default operation", {"what": "error", "operation": None}, component=f"{CONTEXT}.validate_access"),
    Case("ids of a snapshot", {"what": "snapshot"}, component=f"{CONTEXT}.from_snapshot"),
)


def row_of(record):
    """What a log record says: level, text, ids, extra."""
    ids = [str(getattr(record, name, "absent")) for name in ("org_id", "user_id", "session_id")]
    return [record.levelname, record.getMessage(), *ids, getattr(record, "order", "absent"), record.name]


def logged(logger, level):
    """The records of one call; `plain` is an info call without extras."""
    with LogTap("probe.tenant") as tap:
        if level == "plain":
            logger.info("sold %s", 7)
        else:
            getattr(logger, level)("sold %s", 7, extra={"order": 9})
    return [row_of(record) for record in tap.records]


def refused(tenant, operation):
    try:
        tenant.validate_access(OTHER, **({"operation": operation} if operation else {}))
    except need("stageflow.auth:TenantIsolationError") as error:
        name = operation or "access"
        return [str(error.expected_org_id), str(error.actual_org_id), error.operation, name in str(error)]
    return ["no error"]


def wanted(params):
    if params["what"] == "error":
        return [str(MINE), str(OTHER), params["operation"] or "access", True]
    if params["what"] == "snapshot":
        return [str(MINE), str(USER), str(SESSION), "{}"]
    level = {"plain": "info", "exception": "error"}.get(params["level"], params["level"]).upper()
    ids = [str(MINE), *((str(USER), str(SESSION)) if params["filled"] else ("None", "None"))]
    return [[level, "sold 7", *ids, "absent" if params["level"] == "plain" else 9, "probe.tenant"]]


@promised
def scenario(params):
    make = need("stageflow.auth:TenantContext")
    if params["what"] == "error":
        seen = refused(make(org_id=MINE), params["operation"])
    elif params["what"] == "snapshot":
        found = make.from_snapshot(pipeline_context(org_id=MINE, user_id=USER, session_id=SESSION).to_snapshot())
        seen = [str(found.org_id), str(found.user_id), str(found.session_id), str(found.metadata)]
    else:
        ids = {"user_id": USER, "session_id": SESSION} if params["filled"] else {}
        seen = logged(make(org_id=MINE, **ids).get_logger("probe.tenant"), params["level"])
    expect_equal(seen, wanted(params), params["what"])


class PlainLogger:
    """Adds the ids by hand."""

    def __init__(self, logger, ids):
        self.logger, self.ids = logger, ids

    def __getattr__(self, level):
        def log(text, *args, extra=None):
            getattr(self.logger, level)(text, *args, extra={**self.ids, **(extra or {})})

        return log


def control(params):
    if params["what"] == "log":
        ids = dict(zip(("org_id", "user_id", "session_id"), wanted(params)[0][2:5], strict=True))
        seen = logged(PlainLogger(logging.getLogger("probe.tenant"), ids), params["level"])
    elif params["what"] == "snapshot":
        snapshot = pipeline_context(org_id=MINE, user_id=USER, session_id=SESSION).to_snapshot()
        seen = [str(snapshot.org_id), str(snapshot.user_id), str(snapshot.session_id), str({})]
    else:
        name = params["operation"] or "access"
        error = need("stageflow.auth:TenantIsolationError")(name, expected_org_id=MINE, actual_org_id=OTHER, operation=name)
        seen = [str(error.expected_org_id), str(error.actual_org_id), error.operation, True]
    expect_equal(seen, wanted(params), params["what"])
