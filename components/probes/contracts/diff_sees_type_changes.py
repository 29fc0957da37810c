"""A contract diff tells versions apart whose payloads are no longer valid, wherever in the schema the type changed."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="ContractRegistry.diff does not look into optional, list and nested fields and misjudges changes of their types",
    claim="Schema diffing prevents accidental breaking changes: a type change that makes old payloads invalid is breaking, others are not.",
    source="docs/advanced/testing.md#schema-registry--typed-outputs",
    component="stageflow.contracts.ContractRegistry.diff",
    subsystem="contracts",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A contract check in CI lets a breaking change of an optional, list or nested field through, and stops harmless widening.",
    recommendation="Compare whole sub-schemas ($ref, anyOf, items) in _field_map and _types_compatible instead of `type` alone.",
    workaround="Compare model_json_schema() of both versions yourself.",
    cause="stageflow.contracts.registry:_field_map",
)

CASES = (
    Case("same", {"old": "text", "new": "text", "payload": {"x": "a"}, "compatible": True}),
    Case("text-to-number", {"old": "text", "new": "number", "payload": {"x": "a"}, "compatible": False}),
    Case("optional-text-to-number", {"old": "optional text", "new": "optional number", "payload": {"x": "a"}, "compatible": False}),
    Case("list-items", {"old": "texts", "new": "numbers", "payload": {"x": ["a"]}, "compatible": False}),
    Case("nested-field", {"old": "nested text", "new": "nested number", "payload": {"x": {"y": "a"}}, "compatible": False}),
    Case("text-to-optional-text", {"old": "text", "new": "optional text", "payload": {"x": "a"}, "compatible": True}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def model(kind):
    make = need("pydantic:create_model")
    types = {
        "text": str,
        "number": int,
        "optional text": str | None,
        "optional number": int | None,
        "texts": list[str],
        "numbers": list[int],
        "nested text": make("Inner", y=(str, ...)),
        "nested number": make("Inner", y=(int, ...)),
    }
    return make("Payload", x=(types[kind], ...))


@promised
def scenario(params):
    registry = need("stageflow.contracts:ContractRegistry")()
    registry.register(stage="s", version="v1", model=model(params["old"]))
    registry.register(stage="s", version="v2", model=model(params["new"]))
    seen = registry.diff("s", "v1", "v2").is_compatible
    expect_equal(seen, params["compatible"], f"is_compatible of {params['old']} -> {params['new']}")


def control(params):
    expect_equal(raised(model(params["old"]).model_validate, params["payload"]), "", "error of a payload of the old version")
    valid = raised(model(params["new"]).model_validate, params["payload"]) == ""
    expect_equal(valid, params["compatible"], "the payload is still valid in the new version")
