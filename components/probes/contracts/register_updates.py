"""Registering a stage and version again updates what is stored about it."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContractRegistry.register silently ignores a new description or schema for a registered version",
    claim="register() registers or updates metadata for a stage/version pair: what was given last is what get() returns.",
    source="docstring:stageflow.contracts.ContractRegistry.register",
    component="stageflow.contracts.ContractRegistry.register",
    subsystem="contracts",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="A corrected description or schema never arrives; what is listed and compared is the old one.",
    recommendation="In register() store the new metadata when the model is the same, instead of returning the existing entry.",
    workaround="Call clear() and register everything again.",
    cause="stageflow.contracts.registry:ContractRegistry.register",
)

CASES = (
    Case("description", {"field": "description", "first": "draft", "second": "final"}),
    Case("schema", {"field": "schema", "first": {"properties": {}}, "second": {"properties": {"x": {"type": "string"}}}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


@promised
def scenario(params):
    registry = need("stageflow.contracts:ContractRegistry")()
    model = need("pydantic:create_model")("Payload", x=(str, ...))
    for value in (params["first"], params["second"]):
        registry.register(stage="s", version="v1", model=model, **{params["field"]: value})
    expect_equal(getattr(registry.get("s", "v1"), params["field"]), params["second"], f"{params['field']} after the second registration")


def control(params):
    entries = {}
    for value in (params["first"], params["second"]):
        entries["s", "v1"] = {params["field"]: value}
    expect_equal(entries["s", "v1"][params["field"]], params["second"], "value after the second assignment")
