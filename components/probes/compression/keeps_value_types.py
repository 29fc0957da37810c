"""A value that changes its type but compares equal is a change."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import canonical

PROBE = Probe(
    title="compute_delta overlooks a change between a number and a flag: the rebuilt value has 1 for true",
    claim="The rebuilt value is the current one, so its JSON text is the same.",
    source="invariant:round trip",
    component="stageflow.compression.compute_delta",
    subsystem="compression",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A value that changed from 0 to false or from 1 to true, or back, is stored and sent as what it was before.",
    recommendation="Compare type and value (also in nested containers) in compute_delta; `1 == True` in Python.",
    workaround="Do not change the type of a value under one key.",
    cause="stageflow.compression:compute_delta",
)

CASES = (
    Case("number-to-text", {"base": {"a": 1}, "current": {"a": "1"}}),
    Case("zero-to-null", {"base": {"a": 0}, "current": {"a": None}}),
    Case("number-to-flag", {"base": {"a": 1}, "current": {"a": True}}),
    Case("flag-to-number", {"base": {"a": False}, "current": {"a": 0}}),
    Case("nested", {"base": {"a": {"b": [1, 0]}}, "current": {"a": {"b": [True, False]}}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


@promised
def scenario(params):
    compression = need("stageflow.compression")
    rebuilt = compression.apply_delta(params["base"], compression.compute_delta(params["base"], params["current"]))
    expect_equal(canonical(rebuilt), canonical(params["current"]), "rebuilt")


def control(params):
    base, current = params["base"], params["current"]
    changed = {key: value for key, value in current.items() if key not in base or canonical(base[key]) != canonical(value)}
    expect_equal(canonical(base | changed), canonical(current), "rebuilt from changes by JSON text")
