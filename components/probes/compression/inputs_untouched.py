"""Computing and applying deltas changes none of the values given."""

import copy

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Delta compression changes its arguments",
    claim="base, current and delta are the same before and after compute_delta, compress and apply_delta.",
    source="invariant:no mutation",
    component="stageflow.compression.apply_delta",
    subsystem="compression",
    category="silent_failures",
    type="silent_failure",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="Persisting a context alters the running one.",
    recommendation="Work on a copy of the base.",
)

CASES = (
    Case("change", {"base": {"a": 1, "b": [1]}, "current": {"a": 2, "b": [1]}}),
    Case("remove", {"base": {"a": 1, "b": {"c": 1}}, "current": {"a": 1}}),
    Case("replace-all", {"base": {"a": {"x": 1}}, "current": {"b": {"x": [1]}}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


def check(steps, params):
    base, current = copy.deepcopy(params["base"]), copy.deepcopy(params["current"])
    delta = steps[0](base, current)
    kept = copy.deepcopy(delta)
    steps[1](base, delta)
    expect_equal([base, current, delta], [params["base"], params["current"], kept], "base, current and delta afterwards")


@promised
def scenario(params):
    compression = need("stageflow.compression")
    check((compression.compute_delta, compression.apply_delta), params)
    check((lambda base, current: compression.compress(base, current)[0], compression.apply_delta), params)


def control(params):
    check((lambda base, current: {"set": current}, lambda base, delta: base | delta["set"]), params)
