"""A dictionary context is adapted without loss; other things are refused."""

from uuid import UUID

from components.lab.crashes import no_crash
from components.lab.flow import pipeline_context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="adapt_context() changes the identity of a legacy context",
    claim=(
        "Run id, request id and execution mode of a dictionary are the adapter's, real contexts come back as they are, others "
        "raise TypeError."
    ),
    source="docs/guides/tools-approval.md#context-adapters",
    component="stageflow.tools.adapt_context",
    subsystem="tools",
    category="correctness",
    type="bug",
    consequence="lost_telemetry",
    silent=True,
    default_setup=True,
    impact="Tool events of legacy code cannot be matched with their run.",
    recommendation="Read each field from its own key.",
)

RUN, REQUEST = str(UUID(int=1)), str(UUID(int=2))
CASES = (
    Case(
        "texts",
        {"given": {"pipeline_run_id": RUN, "request_id": REQUEST, "execution_mode": "practice"}, "want": [RUN, REQUEST, "practice"]},
    ),
    Case("missing", {"given": {}, "want": [None, None, None]}),
    Case("not a UUID", {"given": {"pipeline_run_id": "x", "request_id": REQUEST}, "want": [None, REQUEST, None]}),
    Case("request id not a UUID", {"given": {"pipeline_run_id": RUN, "request_id": 7}, "want": [RUN, None, None]}),
    Case("a real context", {"given": "context", "want": ["same"]}),
    Case("half a context", {"given": "half", "want": ["TypeError"]}),
    Case("a number", {"given": 7, "want": ["TypeError"]}),
)


def adapted(given):
    real = pipeline_context() if given == "context" else None
    given = type("Half", (), {"pipeline_run_id": None})() if given == "half" else given
    try:
        found = need("stageflow.tools:adapt_context")(real or given)
    except TypeError:
        return ["TypeError"]
    if real is not None:
        return ["same" if found is real else "another"]
    if not hasattr(found, "execution_mode"):
        return ["no context"]
    ids = [str(value) if value else None for value in (found.pipeline_run_id, found.request_id)]
    return [*ids, found.execution_mode]


def scenario(params):
    with no_crash("the context is adapted"):
        checked(params)


def checked(params):
    given = dict(params["given"]) if isinstance(params["given"], dict) else params["given"]
    expect_equal(adapted(given), list(params["want"]), "run id, request id, mode")


def control(params):
    if not isinstance(params["given"], dict):
        expect_equal("same" if params["given"] == "context" else "TypeError", params["want"][0], "by rule")
        return
    valid = [value if value and len(str(value)) == 36 else None for value in map(params["given"].get, ("pipeline_run_id", "request_id"))]
    expect_equal([*valid, params["given"].get("execution_mode")], list(params["want"]), "by hand")
