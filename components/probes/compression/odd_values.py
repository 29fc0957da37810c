"""Deltas and their sizes are right for long keys, empty texts, keys that clash and values that JSON does not know."""

import json
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="A delta or its size is wrong for unusual keys or values",
    claim="A delta names each changed key in full, applying it takes missing parts as nothing, and sizes are bytes of JSON text as UTF-8.",
    source="docstring:stageflow.compression.compute_delta",
    component="stageflow.compression.compute_delta",
    subsystem="compression",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Contexts are restored wrongly, or savings are reported that are none.",
    recommendation="Use keys and values as they are; count the bytes that would be sent.",
)

LONG = "a_rather_long_key_that_is_not_cut_" * 3
WHEN = datetime(2024, 1, 2, tzinfo=UTC)


def function(name):
    return need(f"stageflow.compression:{name}")


def long_keys():
    base, current = {LONG: 1, LONG[:16]: 1, LONG + "x": 1}, {LONG: 2, LONG[:16]: 1, LONG + "y": 1}
    delta = function("compute_delta")(base, current)
    return [delta, function("apply_delta")(base, delta) == current]


def order():
    delta = function("compute_delta")({"d": 1, "c": 1}, {"b": 1, "a": 1})
    return [list(delta["set"]), delta["remove"]]


def nothing():
    return [function("compute_delta")({}, {}), function("compute_delta")({"a": None}, {"a": None}), function("apply_delta")({"a": 1}, {})]


def no_parts():
    apply = function("apply_delta")
    return [apply({"a": 1}, {"set": None, "remove": None}), apply({"a": 1}, {"remove": ["b"]}), apply({}, {"set": {"a": None}})]


def empty_values():
    base = {"a": "", "b": [], "c": {}, "d": None, "e": 0}
    return function("compute_delta")(base, {"a": None, "b": {}, "c": [], "d": 0, "e": ""})


def own_copy():
    base = {"a": 1}
    made = function("apply_delta")(base, {"set": {"b": 2}})
    made["c"] = 3
    return base


def sizes(current):
    """[original bytes, delta bytes] from nothing to `current`."""
    metrics = function("compress")({}, current)[1]
    return [metrics.original_bytes, metrics.delta_bytes]


def text_sizes(current):
    """What `sizes` has to say, by json itself."""
    return [len(json.dumps(value, ensure_ascii=False, default=str).encode()) for value in (current, {"set": current})]


def metrics(original, delta):
    made = function("CompressionMetrics")(original_bytes=original, delta_bytes=delta)
    return [made.reduction_bytes, made.ratio]


ODD = {"when": WHEN, "word": "\u017c\u00f3\u0142w", "list": [WHEN, 1.5, None, {"k": WHEN}], "flag": True}
FACTS = {
    "compute_delta long keys": (long_keys, [{"set": {LONG: 2, LONG + "y": 1}, "remove": [LONG + "x"]}, True]),
    "compute_delta order": (order, [["b", "a"], ["d", "c"]]),
    "compute_delta nothing": (nothing, [{}, {}, {"a": 1}]),
    "compute_delta empty values": (empty_values, {"set": {"a": None, "b": {}, "c": [], "d": 0, "e": ""}}),
    "apply_delta missing parts": (no_parts, [{"a": 1}, {"a": 1}, {"a": None}]),
    "apply_delta copy": (own_copy, {"a": 1}),
    "compress other types": (lambda: sizes(ODD), text_sizes(ODD)),
    "compress letters": (lambda: sizes({"k": "\u017c" * 9}), text_sizes({"k": "\u017c" * 9})),
    "CompressionMetrics saved": (lambda: metrics(100, 25), [75, 0.25]),
    "CompressionMetrics nothing saved": (lambda: metrics(10, 20), [0, 2.0]),
    "CompressionMetrics empty": (lambda: metrics(0, 5), [0, 1.0]),
}
CASES = tuple(Case(name, {"fact": name}, component=f"stageflow.compression.{name.partition(' ')[0]}") for name in FACTS)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


def judge(seen, fact):
    expect_equal(seen, FACTS[fact][1], fact)


@promised
def scenario(params):
    judge(FACTS[params["fact"]][0](), params["fact"])


def control(params):
    judge(FACTS[params["fact"]][1], params["fact"])
    expect_equal(raised(judge, "other", params["fact"]), "Violation", "verdict on another answer")
