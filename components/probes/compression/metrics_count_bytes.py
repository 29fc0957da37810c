"""Compression metrics are the sizes in bytes of the current value and of the delta."""

import json

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="Compression metrics do not count the bytes of the payloads",
    claim="original_bytes and delta_bytes are UTF-8 JSON sizes of current value and delta; ratio and reduction follow from them.",
    source="docs/advanced/hardening.md#metrics",
    component="stageflow.compression.compress",
    subsystem="compression",
    category="observability",
    type="log_issue",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The decision for or against compression rests on wrong sizes.",
    recommendation="Measure len(json.dumps(value, ensure_ascii=False).encode()) of both.",
)

CASES = (
    Case("same", {"base": {"a": 1}, "current": {"a": 1}}),
    Case("grown", {"base": {"a": 1}, "current": {"a": 1, "b": "x" * 500}}),
    Case("unicode", {"base": {}, "current": {"text": "żółw 🐢" * 20}}),
    Case("small-change", {"base": {"text": "x" * 1000, "n": 1}, "current": {"text": "x" * 1000, "n": 2}}),
    Case("larger-delta", {"base": {"abcdefghijkl": 1, "b": 2}, "current": {"b": 3}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.compression")
    return CASES


def size(value):
    return len(json.dumps(value, ensure_ascii=False).encode())


@promised
def scenario(params):
    delta, metrics = need("stageflow.compression:compress")(params["base"], params["current"])
    whole, part = size(params["current"]), size(delta)
    seen = [metrics.original_bytes, metrics.delta_bytes, metrics.reduction_bytes, metrics.ratio]
    expect_equal(seen, [whole, part, max(whole - part, 0), part / whole], "original, delta, reduction and ratio")


def control(params):
    expect_equal(size("ż"), 4, "bytes of a two-byte letter in quotes")
