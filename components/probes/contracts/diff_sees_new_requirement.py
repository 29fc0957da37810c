"""A field that becomes required is a breaking change, as a new required field is."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised
from components.lab.value_kit import raised

PROBE = Probe(
    title="ContractRegistry.diff calls it compatible when an optional field becomes required",
    claim="A field that old payloads may lack and new ones must have is a breaking change, whether it was added or became required.",
    source="docs/advanced/testing.md#schema-registry--typed-outputs",
    component="stageflow.contracts.ContractRegistry.diff",
    subsystem="contracts",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The CI check that should stop breaking contract changes lets this one through.",
    recommendation="In ContractRegistry.diff compare `required` of fields that exist on both sides; today only added fields are looked at.",
    workaround="Compare the `required` lists of both schemas yourself.",
    cause="stageflow.contracts.registry:ContractRegistry.diff",
)

CASES = (
    Case("new-required-field", {"old": {"a": True}, "new": {"a": True, "b": True}, "compatible": False}),
    Case("new-optional-field", {"old": {"a": True}, "new": {"a": True, "b": False}, "compatible": True}),
    Case("optional-becomes-required", {"old": {"a": True, "b": False}, "new": {"a": True, "b": True}, "compatible": False}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def model(fields):
    return need("pydantic:create_model")("Payload", **{name: (str, ... if required else "none") for name, required in fields.items()})


@promised
def scenario(params):
    registry = need("stageflow.contracts:ContractRegistry")()
    registry.register(stage="s", version="v1", model=model(params["old"]))
    registry.register(stage="s", version="v2", model=model(params["new"]))
    expect_equal(registry.diff("s", "v1", "v2").is_compatible, params["compatible"], "is_compatible")


def control(params):
    payload = {name: "text" for name, required in params["old"].items() if required}
    expect_equal(raised(model(params["old"]).model_validate, payload), "", "error of the smallest payload of the old version")
    valid = raised(model(params["new"]).model_validate, payload) == ""
    expect_equal(valid, params["compatible"], "it is still valid in the new version")
