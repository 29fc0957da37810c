"""Roles, admin rights and features are matched exactly."""

from uuid import UUID

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A role or feature is granted that was not assigned",
    claim="has_role() and has_feature() are true exactly for assigned names; is_admin() exactly with the role admin or org_admin.",
    source="docs/api/auth.md#authcontext",
    component="stageflow.auth.AuthContext",
    subsystem="auth",
    category="security",
    type="security",
    consequence="security_breach",
    silent=True,
    default_setup=True,
    impact="Users do what their role does not allow.",
    recommendation="Compare whole role names.",
)

CASES = (
    Case("no roles", {"roles": [], "asked": ["admin", "", "user"], "granted": [], "admin": False}),
    Case("admin", {"roles": ["admin"], "asked": ["admin", "adm", "administrator"], "granted": ["admin"], "admin": True}),
    Case("org_admin", {"roles": ["org_admin"], "asked": ["admin", "org_admin"], "granted": ["org_admin"], "admin": True}),
    Case("similar names", {"roles": ["not_admin", "Admin"], "asked": ["admin"], "granted": [], "admin": False}),
    Case("second of two", {"roles": ["viewer", "editor"], "asked": ["viewer", "editor"], "granted": ["viewer", "editor"], "admin": False}),
)
ID = UUID(int=1)


def scenario(params):
    user = need("stageflow.auth:AuthContext")(user_id=ID, session_id=ID, roles=tuple(params["roles"]))
    org = need("stageflow.auth:OrgContext")(org_id=ID, features=tuple(params["roles"]))
    granted = [name for name in params["asked"] if user.has_role(name)]
    features = [name for name in params["asked"] if org.has_feature(name)]
    wanted = [list(params["granted"]), list(params["granted"]), params["admin"]]
    expect_equal([granted, features, user.is_admin()], wanted, "roles granted, features granted, admin")


def control(params):
    granted = [name for name in params["asked"] if name in set(params["roles"])]
    admin = bool({"admin", "org_admin"} & set(params["roles"]))
    expect_equal([granted, granted, admin], [list(params["granted"]), list(params["granted"]), params["admin"]], "by set")
