"""The tenant validator stops, or records, every access to another tenant's resource."""

from uuid import UUID

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Cross-tenant access is not stopped by TenantIsolationValidator",
    claim=(
        "Access to another tenant is a violation: an error by default, False when strict is off, and always on record; own and "
        "shared ones are not."
    ),
    source="docstring:stageflow.auth.TenantIsolationValidator.record_access",
    component="stageflow.auth.TenantIsolationValidator",
    subsystem="auth",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="Code that relies on the validator goes on with foreign data.",
    recommendation="Raise by default, and record every violation before raising.",
)

MINE, OTHER = UUID(int=1), UUID(int=2)
CASES = (
    Case("other tenant, default", {"orgs": ["other"], "options": {}, "answers": ["TenantIsolationError"], "violations": 1}),
    Case("other tenant, strict", {"orgs": ["other"], "options": {"strict": True}, "answers": ["TenantIsolationError"], "violations": 1}),
    Case("other tenant, lenient", {"orgs": ["other", "other"], "options": {"strict": False}, "answers": [False, False], "violations": 2}),
    Case("own tenant", {"orgs": ["mine", "mine"], "options": {}, "answers": [True, True], "violations": 0}),
    Case("shared", {"orgs": [None], "options": {}, "answers": [True], "violations": 0}),
    Case("mixed", {"orgs": ["mine", "other", None], "options": {}, "answers": [True, "TenantIsolationError", True], "violations": 1}),
)


def scenario(params):
    validator = need("stageflow.auth:TenantIsolationValidator")(expected_org_id=MINE, **params["options"])
    broken = need("stageflow.auth:TenantIsolationError")
    answers = []
    for name in params["orgs"]:
        try:
            answers.append(validator.record_access({"mine": MINE, "other": OTHER}.get(name), resource_type="document"))
        except broken as error:
            answers.append(type(error).__name__)
    seen = [answers, len(validator.get_violations()), validator.is_isolated()]
    expect_equal(
        seen, [list(params["answers"]), params["violations"], params["violations"] == 0], "answers, violations on record, isolated"
    )


def control(params):
    strict = params["options"].get("strict", True)
    answers = [True if name != "other" else "TenantIsolationError" if strict else False for name in params["orgs"]]
    found = params["orgs"].count("other")
    expect_equal([answers, found], [list(params["answers"]), params["violations"]], "answers and violations by rule")
