"""The tenant of a projected message is that of the connection, whatever the message says."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="WSMessageProjector takes the tenant from the message instead of the connection",
    claim="org_id is included only when connection_org_id is a valid UUID, and is that one.",
    source="docs/api/projector.md#wsmessageprojectorproject",
    component="stageflow.projector.WSMessageProjector.project.connection_org_id",
    subsystem="projector",
    category="security",
    type="security",
    consequence="cross_tenant",
    silent=True,
    default_setup=True,
    impact="A client can make its messages look like those of another tenant.",
    recommendation="Set org_id from connection_org_id only.",
)

OWN, OTHER = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
CASES = (
    Case("own", {"connection": OWN, "claimed": None, "org": OWN}),
    Case("claimed another", {"connection": OWN, "claimed": OTHER, "org": OWN}),
    Case("no tenant", {"connection": None, "claimed": None, "org": None}),
    Case("no tenant, claimed one", {"connection": None, "claimed": OTHER, "org": None}),
    Case("invalid tenant", {"connection": "no id", "claimed": OTHER, "org": None}),
)


def verdict(project, params):
    claimed = {"org_id": params["claimed"]} if params["claimed"] else {}
    message = {"type": "chat.token", "payload": {"text": "x", **claimed}, "metadata": {"request_id": OWN, **claimed}}
    expect_equal(project(message, params["connection"]).get("org_id"), params["org"], "org_id in the metadata of the message")


@promised
def scenario(params):
    projector = need("stageflow.projector:WSMessageProjector")()

    def project(message, org):
        return projector.project(message, connection_org_id=org, context_request_id=None, context_pipeline_run_id=None)["metadata"]

    verdict(project, params)


def control(params):
    verdict(lambda message, org: {"org_id": org} if org in (OWN, OTHER) else {}, params)
