"""A typed output lets valid payloads through unchanged and refuses the others, on every entry point."""

import inspect

from components.lab.flow import outcome, status_of
from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TypedStageOutput lets an invalid payload through or changes a valid one",
    claim="Payloads are validated against the model before output: strict mode does not convert, extra arguments are merged in.",
    source="docs/guides/stages.md#typed-outputs--schema-versions",
    component="stageflow.contracts.TypedStageOutput",
    subsystem="contracts",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Downstream stages receive data that the contract rules out.",
    recommendation="Pass every payload, with its extra arguments and the strict flag, through model_validate.",
)

ENTRIES = ("validate", "serialize", "ok", "validate_async", "serialize_async", "ok_async")
GOOD = {"text": "done", "confidence": 0.9}
CASES = tuple(
    Case(f"{entry}-{name}", {"entry": entry, "strict": strict, "payload": payload, "extra": extra, "result": result})
    for entry in ENTRIES
    for name, strict, payload, extra, result in (
        ("good", False, GOOD, {}, GOOD),
        ("missing", False, {"text": "done"}, {}, "ValidationError"),
        ("out-of-range", False, {"text": "done", "confidence": 2.0}, {}, "ValidationError"),
        ("converted", False, {"text": "done", "confidence": "0.5"}, {}, {"text": "done", "confidence": 0.5}),
        ("strict", True, {"text": "done", "confidence": "0.5"}, {}, "ValidationError"),
        ("merged", False, {"text": "done", "confidence": 0.1}, {"confidence": 0.7}, {"text": "done", "confidence": 0.7}),
        ("extra-only", False, None, GOOD, GOOD),
        ("extra-invalid", False, GOOD, {"confidence": 7}, "ValidationError"),
        ("not-a-payload", False, ["text"], {}, "TypeError"),
    )
    if entry == "validate" or name in ("missing", "merged")
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def summary_model():
    make, field = need("pydantic:create_model"), need("pydantic:Field")
    return make("Summary", text=(str, ...), confidence=(float, field(ge=0, le=1)))


async def call(typed, entry, payload, extra):
    """The data that the entry point gives."""

    async def later():
        return payload

    given = getattr(typed, entry)(later if entry.endswith("_async") else payload, **extra)
    result = await given if inspect.isawaitable(given) else given
    if entry.startswith("ok"):
        expect_equal(status_of(result), "ok", "status")
        return result.data
    return result if entry.startswith("serialize") else result.model_dump()


@promised
async def scenario(params):
    typed = need("stageflow.contracts:TypedStageOutput")(summary_model(), strict=params["strict"])
    data, error = await outcome(call(typed, params["entry"], params["payload"], params["extra"]))
    expect_equal(type(error).__name__ if error else data, params["result"], f"{params['entry']}()")


async def control(params):
    async def plain():
        if params["payload"] is not None and not isinstance(params["payload"], dict):
            raise TypeError("payload")
        return summary_model().model_validate({**(params["payload"] or {}), **params["extra"]}, strict=params["strict"]).model_dump()

    data, error = await outcome(plain())
    expect_equal(type(error).__name__ if error else data, params["result"], "pydantic by itself")
