"""A duplicate gets the data of the first run, and a copy of its own."""

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal

PROBE = Probe(
    title="An idempotent duplicate does not get the data of the first run",
    claim="A duplicate receives the result that the first run computed; changing what one caller received does not change what others get.",
    source="docs/advanced/idempotency.md#atomic-duplicate-handling",
    component="stageflow.pipeline.idempotency.InMemoryIdempotencyStore",
    subsystem="idempotency",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A client that repeats a request sees another receipt than the one it was given.",
    recommendation="Store and return deep copies of the stage result.",
    virtual_time=True,
)

CASES = (
    Case("untouched", {"tamper": False}),
    Case("first caller changes its copy", {"tamper": True}),
)


def spoil(data):
    data["lines"].append("forged")
    data["nested"]["total"] = 0


async def scenario(params):
    async def charge(ctx):
        return {"lines": ["ticket"], "nested": {"total": 12.5}, "none": None}

    built = default_graph(pipeline(("charge", charge, (), "work")))
    seen = []
    for _ in range(2):
        results, _ = await outcome(built.run(context(data={"idempotency_key": "order-1"})))
        data = results["charge"].data
        seen.append(repr(data))
        if params["tamper"]:
            spoil(data)
    expect_equal(seen[1:], [seen[0]], "data of the duplicate")


async def control(params):
    seen = []
    for _ in range(2):
        data = {"lines": ["ticket"], "nested": {"total": 12.5}, "none": None}
        seen.append(repr(data))
        if params["tamper"]:
            spoil(data)
    expect_equal(seen[1:], [seen[0]], "data of the duplicate")
