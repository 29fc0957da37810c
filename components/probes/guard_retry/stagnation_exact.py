"""Retries stop when the guard's payload has repeated stagnation_limit times; only the hash fields count."""

from components.lab.dag_kit import ending, guarded_graph
from components.lab.flow import context
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="Guard retries do not stop exactly when the payload has repeated stagnation_limit times",
    claim="Payloads repeated in a row count as stagnation; at stagnation_limit repetitions the retries end; only hash_fields are compared.",
    source="docstring:stageflow.pipeline.guard_retry.hash_retry_payload",
    component="stageflow.pipeline.guard_retry.GuardRetryPolicy",
    subsystem="guard_retry",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=False,
    impact="Loops that make no progress burn budget, or ones that do are cut off.",
    recommendation="Count consecutive equal hashes and reset on a different one.",
    virtual_time=True,
)

CASES = (
    Case("limit 1, always the same", {"limit": 1, "values": ["a"] * 9, "fields": None, "runs": 2}),
    Case("limit 3, always the same", {"limit": 3, "values": ["a"] * 9, "fields": None, "runs": 4}),
    Case("always new", {"limit": 1, "values": list("abcdefghi"), "fields": None, "runs": 8}),
    Case("new one in between", {"limit": 2, "values": list("aabbbcccc"), "fields": None, "runs": 5}),
    Case("change outside the hash fields", {"limit": 1, "values": list("abcdefghi"), "fields": ["kind"], "runs": 2}),
    Case("change inside the hash fields", {"limit": 1, "values": list("abcdefghi"), "fields": ["value"], "runs": 8}),
)


async def scenario(params):
    output = need("stageflow:StageOutput")
    asked = []

    async def make(ctx):
        return {}

    async def guard(ctx):
        asked.append(1)
        if len(asked) == 8:
            return output.ok()
        return output.fail(error="no", data={"kind": "x", "value": params["values"][len(asked) - 1]})

    fields = tuple(params["fields"]) if params["fields"] else None
    policy = {"retry_stage": "make", "max_attempts": 50, "stagnation_limit": params["limit"], "hash_fields": fields}
    await ending(guarded_graph([("make", make), ("guard", guard, ["make"], "guard")], {"guard": policy}).run(context()))
    expect_equal(len(asked), params["runs"], "guard runs")


async def control(params):
    last, hits, runs = None, 0, 0
    for value in params["values"][:8]:  # the eighth is accepted
        runs += 1
        key = "x" if params["fields"] == ["kind"] else value
        hits = hits + 1 if key == last else 0
        last = key
        if hits >= params["limit"]:
            break
    expect_equal(runs, params["runs"], "guard runs")
