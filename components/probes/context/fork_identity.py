"""A forked context has the ids it was given and inherits the rest of its identity."""

import uuid

from components.lab.flow import RecordingSink, pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="PipelineContext.fork gives the child a wrong id or setting",
    claim="A child run has its own run id, names its parent's run and stage and the correlation id it was given, and "
    "inherits user, tenant and session.",
    source="docstring:stageflow.stages.context.PipelineContext.fork",
    component="stageflow.stages.context.PipelineContext.fork",
    subsystem="context",
    category="observability",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Child runs cannot be linked to what started them, or act for another user.",
    recommendation="Set the field from the argument, or from the parent's field of the same name.",
)

GIVEN = {"pipeline_run_id": 1, "correlation_id": 2, "parent_run_id": 3}
INHERITED = ("request_id", "session_id", "user_id", "org_id", "interaction_id", "service", "input_text", "created_at", "event_sink", "db")
CHOSEN = ("topology", "execution_mode")

CASES = (
    *(Case(name, {"field": name, "how": "given"}) for name in (*GIVEN, "parent_stage_id")),
    *(Case(name, {"field": name, "how": "inherited"}) for name in (*INHERITED, *CHOSEN)),
    *(Case(f"other {name}", {"field": name, "how": "chosen"}) for name in CHOSEN),
    Case("cancellation", {"field": "canceled", "how": "fresh"}),
    Case("reason", {"field": "cancellation_reason", "how": "fresh"}),
)


class Child:
    """What a child should look like, field by field."""

    def __init__(self, parent, chosen):
        for name in (*INHERITED, *CHOSEN):
            setattr(self, name, chosen.get(name) or getattr(parent, name))
        for name, number in GIVEN.items():
            setattr(self, name, uuid.UUID(int=number))
        self.parent_stage_id, self.canceled, self.cancellation_reason = "spawner", False, None


def setting(params):
    """(parent, overrides for the child)."""
    own = {
        "pipeline_run_id": uuid.UUID(int=3),
        "correlation_id": uuid.UUID(int=9),
        "db": "handle",
        "input_text": "hello",
        "service": "chat",
    }
    parent = pipeline_context(**own, event_sink=RecordingSink())
    parent.mark_canceled("parent only")
    return parent, {params["field"]: "another"} if params["how"] == "chosen" else {}


def verdict(child, parent, params, chosen):
    field = params["field"]
    wanted = getattr(Child(parent, chosen), field)
    expect_equal(getattr(child, field) == wanted, True, f"the child's {field} is the {params['how']} one")


@promised
def scenario(params):
    need("stageflow:PipelineContext.fork")
    parent, chosen = setting(params)
    child = parent.fork(uuid.UUID(int=1), "spawner", uuid.UUID(int=2), **chosen)
    verdict(child, parent, params, chosen)


def control(params):
    parent, chosen = setting(params)
    verdict(Child(parent, chosen), parent, params, chosen)
