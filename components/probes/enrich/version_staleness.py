"""Content is stale once it is older than its time to live in seconds, never without one."""

from datetime import UTC, datetime, timedelta

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="VersionMetadata judges the age of content wrongly",
    claim="age_seconds is the time since retrieval; is_stale is true when it exceeds ttl_seconds, false without a ttl.",
    source="docstring:stageflow.context.enrich.VersionMetadata.is_stale",
    component="stageflow.context.VersionMetadata",
    subsystem="enrich",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Outdated documents are used as evidence, or fresh ones are fetched again and again.",
    recommendation="Compare (now - retrieved_at) in seconds with ttl_seconds.",
)

ROWS = ((0, None), (10**9, None), (3500, 3600), (3700, 3600), (3600 * 24 - 60, 3600 * 24), (3600 * 24 + 60, 3600 * 24), (60, 0))
CASES = tuple(Case(f"{age} s old, ttl {ttl}", {"age": age, "ttl": ttl}) for age, ttl in ROWS)


def verdict(judge, params):
    for zone in (UTC, None):
        retrieved = datetime.now(UTC) - timedelta(seconds=params["age"])
        age, stale = judge(retrieved.astimezone(zone), params["ttl"])
        seen = [round((age - params["age"]) / 60), stale]
        expect_equal(seen, [0, params["ttl"] is not None and params["age"] > params["ttl"]], "[minutes the age is off, is_stale]")


@promised
def scenario(params):
    metadata = need("stageflow.context:VersionMetadata")

    def judge(retrieved, ttl):
        version = metadata("doc", "v1", retrieved, "api", ttl_seconds=ttl)
        told = version.to_dict()
        expect_equal([told["is_stale"], told["ttl_seconds"]], [version.is_stale, ttl], "[is_stale, ttl_seconds] in to_dict()")
        return version.age_seconds, version.is_stale

    verdict(judge, params)


def control(params):
    def judge(retrieved, ttl):
        age = (datetime.now(UTC) - retrieved).total_seconds()
        return age, ttl is not None and age > ttl

    verdict(judge, params)
