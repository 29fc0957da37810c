"""The tenant validator remembers each access and each violation as it was."""

from uuid import UUID

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TenantIsolationValidator's records differ from the accesses",
    claim="A violation names both organisations, the resource type and id; accessed tenants are listed once each, shared resources not; "
    "the answered list is the caller's own.",
    source="docstring:stageflow.auth.TenantIsolationValidator",
    component="stageflow.auth.TenantIsolationValidator.record_access",
    subsystem="auth",
    category="security",
    type="security",
    consequence="misleading",
    silent=True,
    default_setup=False,
    impact="The report of a breach names the wrong resource, or can be emptied by whoever reads it.",
    recommendation="Record every field of every access, and give out copies.",
)

MINE, OTHER, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
NAMES = {"mine": MINE, "other": OTHER, "third": THIRD, "shared": None}
ALL = [
    ["mine", "document", "d1"],
    ["other", "invoice", "i-9"],
    ["shared", "page", None],
    ["other", "document", None],
    ["third", None, None],
]
CASES = (
    Case("nothing", {"accesses": [], "what": "violations"}),
    Case("violations", {"accesses": ALL, "what": "violations"}),
    Case(
        "accessed tenants", {"accesses": ALL, "what": "tenants"}, component="stageflow.auth.TenantIsolationValidator.get_accessed_tenants"
    ),
    Case("list is a copy", {"accesses": ALL, "what": "copy"}, component="stageflow.auth.TenantIsolationValidator.get_violations"),
    Case("error of a strict validator", {"accesses": [["other", "invoice", "i-9"]], "what": "error"}),
)


def foreign(params):
    return [[who, kind or "unknown", item] for who, kind, item in params["accesses"] if who in ("other", "third")]


def wanted(params):
    if params["what"] == "tenants":
        return list(dict.fromkeys(str(NAMES[who]) for who, _, _ in params["accesses"] if NAMES[who]))
    if params["what"] == "error":
        return [str(MINE), str(OTHER), True, True]
    rows = [[str(MINE), str(NAMES[who]), kind, item] for who, kind, item in foreign(params)]
    return len(rows) if params["what"] == "copy" else rows


def answer(validator, params):
    """What the validator says after the accesses."""
    for who, kind, item in params["accesses"]:
        validator.record_access(NAMES[who], **({"resource_type": kind} if kind else {}), **({"resource_id": item} if item else {}))
    if params["what"] == "tenants":
        return [str(one) for one in validator.get_accessed_tenants()]
    if params["what"] == "copy":
        validator.get_violations().clear()
        return len(validator.get_violations())
    keys = ("expected_org_id", "actual_org_id", "resource_type", "resource_id")
    return [[row.get(key) for key in keys] for row in validator.get_violations()]


def refusal(validator):
    """What the error of a strict validator says."""
    try:
        validator.record_access(OTHER, resource_type="invoice", resource_id="i-9")
    except need("stageflow.auth:TenantIsolationError") as error:
        return [str(error.expected_org_id), str(error.actual_org_id), "invoice" in str(error), "invoice" in str(error.operation)]
    return ["no error"]


@promised
def scenario(params):
    validator = need("stageflow.auth:TenantIsolationValidator")(expected_org_id=MINE, strict=params["what"] == "error")
    seen = refusal(validator) if params["what"] == "error" else answer(validator, params)
    expect_equal(seen, wanted(params), params["what"])


class PlainValidator:
    """Keeps what it is told."""

    def __init__(self):
        self.rows, self.tenants = [], {}

    def record_access(self, org, resource_type="unknown", resource_id=None):
        self.tenants |= {org: 1} if org else {}
        if org not in (MINE, None):
            row = {"expected_org_id": str(MINE), "actual_org_id": str(org), "resource_type": resource_type, "resource_id": resource_id}
            self.rows.append(row)

    def get_violations(self):
        return list(self.rows)

    def get_accessed_tenants(self):
        return list(self.tenants)


def control(params):
    if params["what"] == "error":
        error = need("stageflow.auth:TenantIsolationError")("invoice", expected_org_id=MINE, actual_org_id=OTHER, operation="invoice")
        seen = [str(error.expected_org_id), str(error.actual_org_id), "invoice" in error.operation, True]
    else:
        seen = answer(PlainValidator(), params)
    expect_equal(seen, wanted(params), params["what"])
