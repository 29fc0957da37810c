"""A test helper puts every value it is given where the stage or pipeline will look for it."""

import uuid

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="A test helper ignores, swaps or refuses a value it was given",
    claim="Ids, texts, topology and data that are passed to a helper are those of the context it returns.",
    source="docs/api/testing.md#create_test_snapshot",
    component="stageflow.testing.create_test_snapshot",
    subsystem="testing_helpers",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A test proves its point for other ids than it says.",
    recommendation="Pass each argument on under its own name.",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "org_id", "interaction_id")
TEXTS = {"topology": "my-topology", "execution_mode": "my-mode", "input_text": "my text"}
HELPERS = ("create_test_snapshot", "create_test_stage_context", "create_test_pipeline_context")
CASES = tuple(
    Case(f"{helper}-{field}", {"helper": helper, "field": field}, component=f"stageflow.testing.{helper}")
    for helper in HELPERS
    for field in (*IDS, *TEXTS)
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.testing")
    return CASES


def given():
    return {name: uuid.UUID(int=1000 + place) for place, name in enumerate(IDS)} | TEXTS


@promised
def scenario(params):
    made = getattr(need("stageflow.testing"), params["helper"])(**given())
    holder = made.snapshot if params["helper"] == "create_test_stage_context" else made
    expect_equal(getattr(holder, params["field"]), given()[params["field"]], params["field"])


def control(params):
    expect_equal(dict(given())[params["field"]], given()[params["field"]], params["field"])
