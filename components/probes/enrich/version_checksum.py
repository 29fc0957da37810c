"""The checksum of a version tells contents apart and is the same for the same content."""

import hashlib

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="VersionMetadata.create gives a wrong checksum",
    claim="create() derives the checksum from the content: equal for equal content as text or bytes, different for other "
    "content, none without content.",
    source="docstring:stageflow.context.enrich.VersionMetadata.create",
    component="stageflow.context.VersionMetadata.create",
    subsystem="enrich",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A changed document passes for the known one.",
    recommendation="Hash the whole content.",
)

LONG = "x" * 5000
CASES = (
    Case("text and bytes", {"one": "gr\u00fc\u00df", "other": "bytes", "same": True}),
    Case("other text", {"one": "a", "other": "b", "same": False}),
    Case("empty is content", {"one": "", "other": "none", "same": False}),
    Case("differs at the end", {"one": LONG + "a", "other": LONG + "b", "same": False}),
    Case("other version, same content", {"one": "a", "other": "a", "same": True}),
)


def plain(content):
    """The rule in plain Python."""
    if content is None:
        return None
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()[:16]


def verdict(checksum, params):
    other = {"bytes": params["one"].encode(), "none": None}.get(params["other"], params["other"])
    expect_equal(checksum(params["one"], "v1") == checksum(other, "v2"), params["same"], "both contents have the same checksum")


@promised
def scenario(params):
    create = need("stageflow.context:VersionMetadata.create")
    verdict(lambda content, version: create("doc", version, "api", content=content).checksum, params)


def control(params):
    verdict(lambda content, version: plain(content), params)
