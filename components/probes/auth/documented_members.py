"""The members that the governance guide calls exist."""

from uuid import UUID

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="The governance guide calls to_dict() of AuthContext and OrgContext, which do not have it",
    claim="The documented calls that put the caller's identity and organisation into the snapshot work.",
    source="docs/guides/governance.md#auth-context",
    component="docs/guides/governance.md",
    subsystem="auth",
    category="correctness",
    type="documentation",
    consequence="misleading",
    silent=False,
    default_setup=True,
    impact="Both examples of the guide that put an identity into the snapshot end in an AttributeError.",
    recommendation="Add to_dict() to AuthContext and OrgContext, or correct the guide.",
    workaround="Use dataclasses.asdict().",
    cause="docs:to_dict of AuthContext and OrgContext",
)

CASES = (
    Case("AuthContext.to_dict", {"cls": "AuthContext", "fields": ["user_id", "session_id"]}),
    Case("OrgContext.to_dict", {"cls": "OrgContext", "fields": ["org_id"]}),
)


def check(params, member):
    thing = need(f"stageflow.auth:{params['cls']}")(**{name: UUID(int=1) for name in params["fields"]})
    expect(hasattr(thing, member), f"{params['cls']}.{member} exists", "no such member")


def scenario(params):
    check(params, "to_dict")


def control(params):
    check(params, params["fields"][0])
