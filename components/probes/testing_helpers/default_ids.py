"""Without arguments the helpers give contexts with the ids they promise."""

import uuid

from components.lab.probe import Case, Probe, expect, need

PROBE = Probe(
    title="create_test_snapshot leaves session_id empty although its default is documented as a new UUID",
    claim="All UUID fields default to new random UUIDs, organization excepted, which defaults to None.",
    source="docstring:stageflow.testing.create_test_snapshot",
    component="stageflow.testing.create_test_snapshot",
    subsystem="testing_helpers",
    category="silent_failures",
    type="silent_failure",
    consequence="misleading",
    silent=True,
    default_setup=True,
    impact="Stages that need a session, such as the memory stages, are skipped in tests, which still pass.",
    recommendation="Give session_id the same default as the other ids (a sentinel can tell 'not given' from None).",
    workaround="Pass session_id=uuid4().",
)

IDS = ("pipeline_run_id", "request_id", "session_id", "user_id", "interaction_id")
PIPELINE = "stageflow.testing.create_test_pipeline_context"
CASES = (
    *(
        Case(f"snapshot-{name}", {"helper": "create_test_snapshot", "field": name}, cause=f"stageflow.testing:create_test_snapshot #{name}")
        for name in IDS
    ),
    *(Case(f"pipeline-{name}", {"helper": "create_test_pipeline_context", "field": name}, component=PIPELINE) for name in IDS),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.testing")
    return CASES


def check(make, field):
    first, second = make(), make()
    expect(isinstance(first, uuid.UUID), f"a UUID as {field}", "None" if first is None else type(first).__name__)
    expect(first != second, f"a new {field} each time", "the same twice")


def scenario(params):
    helper = getattr(need("stageflow.testing"), params["helper"])
    check(lambda: getattr(helper(), params["field"]), params["field"])


def control(params):
    check(uuid.uuid4, params["field"])
