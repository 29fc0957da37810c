"""A status update is only sent when it names its service and status."""

from components.lab.probe import Case, Probe, Violation, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="WSMessageProjector lets an invalid message through, or refuses a valid one",
    claim="A status.update needs an object with service and status as payload, and every message a type; otherwise ValueError is raised.",
    source="docs/api/projector.md#wsmessageprojectorproject",
    component="stageflow.projector.WSMessageProjector.project.status_update",
    subsystem="projector",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Clients get messages they cannot read.",
    recommendation="Validate with the models before sending.",
)

STATUS = "status.update"
CASES = (
    Case("valid", {"message": {"type": STATUS, "payload": {"service": "chat", "status": "busy"}}, "refused": False}),
    Case("no payload", {"message": {"type": STATUS}, "refused": True}),
    Case("payload is text", {"message": {"type": STATUS, "payload": "busy"}, "refused": True}),
    Case("payload is a list", {"message": {"type": STATUS, "payload": []}, "refused": True}),
    Case("no service", {"message": {"type": STATUS, "payload": {"status": "busy"}}, "refused": True}),
    Case("no status", {"message": {"type": STATUS, "payload": {"service": "chat"}}, "refused": True}),
    Case("status is no text", {"message": {"type": STATUS, "payload": {"service": "chat", "status": ["busy"]}}, "refused": True}),
    Case("other type", {"message": {"type": "chat.token", "payload": "busy"}, "refused": False}),
    Case("no type", {"message": {"payload": {}}, "refused": True}),
    Case("type is no text", {"message": {"type": 5, "payload": {}}, "refused": True}),
)


def plain(message):
    """The rule in plain Python."""
    payload, kind = message.get("payload"), message.get("type")
    told = isinstance(payload, dict) and all(isinstance(payload.get(name), str) for name in ("service", "status"))
    if not isinstance(kind, str) or (kind == STATUS and not told):
        raise ValueError("invalid message")


def verdict(project, params):
    try:
        project(params["message"])
    except ValueError:
        refused = True
    else:
        refused = False
    if refused != params["refused"]:
        words = {True: "ValueError", False: "the message is projected"}
        raise Violation(words[params["refused"]], words[refused])


@promised
def scenario(params):
    projector = need("stageflow.projector:WSMessageProjector")()
    verdict(
        lambda message: projector.project(message, connection_org_id=None, context_request_id=None, context_pipeline_run_id=None), params
    )


def control(params):
    verdict(plain, params)
