"""Validation names each required id that is missing, and the strict form raises for it."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.value_kit import raised

PROBE = Probe(
    title="validate_snapshot overlooks a missing required id",
    claim="Each required field that is not set is an error of that name; warnings become errors in strict mode; the strict form raises.",
    source="docstring:stageflow.testing.validate_snapshot",
    component="stageflow.testing.validate_snapshot",
    subsystem="testing_helpers",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Tests accept snapshots that production rejects.",
    recommendation="Check every required field, and count errors into `valid`.",
)

FIELDS = ("pipeline_run_id", "request_id", "user_id", "org_id")
CASES = (
    *(Case(name, {"require": [name], "strict": False, "topology": "t", "fields": [name]}) for name in FIELDS),
    Case("all", {"require": list(FIELDS), "strict": False, "topology": "t", "fields": list(FIELDS)}),
    Case("none", {"require": [], "strict": False, "topology": "t", "fields": []}),
    Case("warning", {"require": [], "strict": False, "topology": None, "fields": []}),
    Case("warning-strict", {"require": [], "strict": True, "topology": None, "fields": ["topology"]}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.testing")
    return CASES


def options_of(params):
    return {f"require_{name}": name in params["require"] for name in FIELDS}


def scenario(params):
    testing, snapshot_class = need("stageflow.testing"), need("stageflow.context:ContextSnapshot")
    snapshot = snapshot_class(topology=params["topology"], execution_mode="m", extensions={})
    result = testing.validate_snapshot(snapshot, strict=params["strict"], **options_of(params))
    expect_equal(sorted(error.field for error in result.errors), sorted(params["fields"]), "fields with errors")
    expect_equal([bool(result), result.valid], [not params["fields"]] * 2, "valid")
    error = raised(testing.validate_snapshot_strict, snapshot, **options_of(params))
    expect_equal(error, "ValueError" if params["fields"] or params["topology"] is None else "", "error of the strict form")


def control(params):
    snapshot = need("stageflow.context:ContextSnapshot")()
    expect_equal([name for name in FIELDS if getattr(snapshot, name) is None], list(FIELDS), "ids of an empty snapshot")
