"""A complete snapshot passes validation, whatever kind of extensions it carries."""

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="validate_snapshot rejects every snapshot without dict extensions, also the ones stageflow makes itself",
    claim="Validation reports problems: a snapshot with no extensions (the default) or a typed ExtensionBundle is valid.",
    source="docstring:stageflow.testing.validate_snapshot",
    component="stageflow.testing.validate_snapshot",
    subsystem="testing_helpers",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=False,
    default_setup=True,
    impact="validate_snapshot, validate_snapshot_strict and snapshot_from_dict_strict cannot be used with default or typed contexts.",
    recommendation="Accept None and ExtensionBundle as well as dict when validate_snapshot checks extensions.",
    workaround="Pass extensions={}.",
    cause="stageflow.testing:validate_snapshot",
)

CASES = (
    Case("dict-extensions", {"extensions": "dict"}),
    Case("default", {"extensions": "none"}),
    Case("typed-extensions", {"extensions": "bundle"}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.testing")
    return CASES


def extensions_of(kind):
    return {"dict": dict, "none": lambda: None, "bundle": need("stageflow.context:ExtensionBundle")}[kind]()


def scenario(params):
    testing = need("stageflow.testing")
    result = testing.validate_snapshot(testing.create_test_snapshot(extensions=extensions_of(params["extensions"])))
    expect_equal([error.field for error in result.errors], [], "fields with errors")


def control(params):
    snapshot = need("stageflow.testing:create_test_snapshot")(extensions=extensions_of(params["extensions"]))
    missing = [name for name in ("pipeline_run_id", "request_id", "user_id") if getattr(snapshot, name) is None]
    expect_equal(missing, [], "fields missing")
