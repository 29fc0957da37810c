"""Failures count in a row: a success in between starts the count again."""

from components.lab.flow import context, default_graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="The circuit breaker counts failures over successes",
    claim="A success sets the failure count back: the breaker opens only after 5 failures without a success between them.",
    source="invariant:a breaker measures consecutive failures",
    component="stageflow.pipeline.interceptors.CircuitBreakerInterceptor.after",
    subsystem="circuit_breaker",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A service with one error in a hundred is cut off sooner or later.",
    recommendation="Set the count to zero on success.",
    virtual_time=True,
)

CASES = (
    Case("4 failures, success, 4 failures", {"plan": "ffffsffffs", "refused": []}),
    Case("alternating", {"plan": "fsfsfsfsfsfsfsfs", "refused": []}),
    Case("success, 5 failures, call", {"plan": "sfffffs", "refused": [6]}),
)


async def scenario(params):
    reached, number = [], [0]

    async def call(ctx):
        reached.append(number[0])
        return {} if params["plan"][number[0]] == "s" else need("stageflow:StageOutput").fail(error="away")

    built = default_graph(pipeline(("call", call)))
    for number[0] in range(len(params["plan"])):
        await outcome(built.run(context()))
    refused = [index for index in range(len(params["plan"])) if index not in reached]
    expect_equal(refused, list(params["refused"]), f"calls refused in the sequence {params['plan']}")


async def control(params):
    failures, refused = 0, []
    for index, how in enumerate(params["plan"]):
        if failures >= 5:
            refused.append(index)
            continue
        failures = failures + 1 if how == "f" else 0
    expect_equal(refused, list(params["refused"]), "calls refused by a counter")
