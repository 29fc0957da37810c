"""What a typed output writes is valid input for the same contract."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need
from components.lab.value_kit import raised

PROBE = Probe(
    title="TypedStageOutput writes data that its own contract rejects when a field has an alias",
    claim="The serialized payload of a contract is a valid payload of that contract, and stands for the same model.",
    source="invariant:round trip",
    component="stageflow.contracts.TypedStageOutput.serialize",
    subsystem="contracts",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The registered schema promises alias names, outputs carry field names: every consumer that validates rejects them.",
    recommendation="Dump with by_alias=True, or generate the registered schema with by_alias=False.",
    workaround="Set populate_by_name on the model.",
)

CASES = (
    Case("plain", {"alias": None, "payload": {"full_name": "Ann", "tags": ["a"], "note": None}}),
    Case("alias", {"alias": "fullName", "payload": {"fullName": "Ann", "tags": [], "note": "x"}}),
)


def model(alias):
    make, field = need("pydantic:create_model"), need("pydantic:Field")
    return make("Person", full_name=(str, field(alias=alias)), tags=(list[str], ...), note=(str | None, None))


def scenario(params):
    typed = need("stageflow.contracts:TypedStageOutput")(model(params["alias"]))
    data = typed.serialize(params["payload"])
    error = raised(typed.validate, data)
    if error:
        raise Violation("serialize() gives a payload that validate() accepts", error)
    expect_equal(typed.validate(data) == typed.validate(params["payload"]), True, "the same model after serialize and validate")


def control(params):
    person = model(params["alias"])
    data = person.model_validate(params["payload"]).model_dump(by_alias=True)
    expect_equal(person.model_validate(data) == person.model_validate(params["payload"]), True, "the same model after dump by alias")
