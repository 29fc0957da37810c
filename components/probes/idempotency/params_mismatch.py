"""The same key with other parameters is refused; the order of parameters does not matter."""

from components.lab.flow import context, graph, outcome, pipeline
from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A reused idempotency key with other parameters is not told apart",
    claim=(
        "A duplicate whose idempotency_params differ is refused with IdempotencyParamMismatch; equal parameters in any order are "
        "a duplicate."
    ),
    source="docs/advanced/idempotency.md#parameter-validation",
    component="stageflow.pipeline.idempotency.IdempotencyInterceptor",
    subsystem="idempotency",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A request for another amount gets the receipt of the first one, or a harmless repeat is refused.",
    recommendation="Compare hashes of the canonical form of all parameters.",
    virtual_time=True,
)

FIRST = {"amount": 100, "currency": "EUR", "to": {"iban": "DE1", "name": "A"}, "tags": ["x", "y"]}
CASES = (
    Case("equal", {"second": FIRST, "validate": True, "answer": "replayed"}),
    Case(
        "other order of keys",
        {
            "second": {"tags": ["x", "y"], "to": {"name": "A", "iban": "DE1"}, "currency": "EUR", "amount": 100},
            "validate": True,
            "answer": "replayed",
        },
    ),
    Case("other amount", {"second": FIRST | {"amount": 101}, "validate": True, "answer": "IdempotencyParamMismatch"}),
    Case("amount as text", {"second": FIRST | {"amount": "100"}, "validate": True, "answer": "IdempotencyParamMismatch"}),
    Case("nested value", {"second": FIRST | {"to": {"iban": "DE2", "name": "A"}}, "validate": True, "answer": "IdempotencyParamMismatch"}),
    Case("other order in a list", {"second": FIRST | {"tags": ["y", "x"]}, "validate": True, "answer": "IdempotencyParamMismatch"}),
    Case("one parameter more", {"second": FIRST | {"note": "hi"}, "validate": True, "answer": "IdempotencyParamMismatch"}),
    Case("check switched off", {"second": FIRST | {"amount": 101}, "validate": False, "answer": "replayed"}),
)


async def scenario(params):
    runs = []

    async def charge(ctx):
        runs.append("run")
        return {"receipt": 1}

    guard = need("stageflow.pipeline.idempotency:IdempotencyInterceptor")(validate_params=params["validate"])
    built = graph(pipeline(("charge", charge, (), "work")), [guard])
    for asked in (FIRST, params["second"]):
        ctx = context(data={"idempotency_key": "order-1", "idempotency_params": asked})
        _, error = await outcome(built.run(ctx))
    cause = getattr(error, "original", error)
    answer = type(cause).__name__ if error else "run again" if len(runs) > 1 else "replayed"
    expect_equal(answer, params["answer"], "answer to the second request")


async def control(params):
    same = params["second"] == FIRST or not params["validate"]
    expect_equal("replayed" if same else "IdempotencyParamMismatch", params["answer"], "answer by comparing dictionaries")
