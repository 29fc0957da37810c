"""Every value that JSON can express can be compressed."""

import json

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="compress() fails for a payload that came from JSON",
    claim="compress() gives the delta and its sizes for a payload that came from JSON.",
    source="docstring:stageflow.compression.compress",
    component="stageflow.compression.compress",
    subsystem="compression",
    category="reliability",
    type="reliability",
    consequence="crash",
    silent=False,
    default_setup=True,
    impact="The context cannot be persisted, only because of its statistics.",
    recommendation="Estimate the size for everything that json can write.",
)

CASES = tuple(
    Case(name, {"json": text})
    for name, text in (
        ("plain", '{"t": "hello"}'),
        ("emoji", '{"t": "\\ud83d\\ude00"}'),
        ("control-characters", '{"t": "\\u0000\\u001f\\u2028"}'),
        ("huge-number", '{"t": 1e308, "u": 123456789012345678901234567890}'),
    )
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


def check(compress, params):
    value = json.loads(params["json"])
    try:
        delta = compress({}, value)[0]
    except UnicodeError as error:
        raise Violation("a delta and its sizes", type(error).__name__) from error
    expect_equal(delta, {"set": value}, "delta")


@promised
def scenario(params):
    check(need("stageflow.compression:compress"), params)


def control(params):
    check(lambda base, current: ({"set": current}, len(json.dumps(current).encode())), params)
