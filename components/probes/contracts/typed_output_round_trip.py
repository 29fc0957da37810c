"""What a typed output writes has the fields of the schema that its contract registers."""

from components.lab.probe import Case, Probe, expect_equal, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="TypedStageOutput writes other field names than its registered contract when a field has an alias",
    claim="The data of a typed output has the fields, and the values, of the schema that register_contract() records for it.",
    source="invariant:data agrees with its schema",
    component="stageflow.contracts.TypedStageOutput.serialize",
    subsystem="contracts",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="The registered schema promises alias names, outputs carry field names: a consumer that goes by the contract rejects them.",
    recommendation="Dump with by_alias=True, or generate the registered schema with by_alias=False.",
    workaround="Do not give aliases to the fields of output models.",
    cause="stageflow.contracts.typed_output:TypedStageOutput.serialize",
)

CASES = (
    Case("plain", {"alias": None, "payload": {"full_name": "Ann", "tags": ["a"], "note": None}}),
    Case("alias", {"alias": "fullName", "payload": {"fullName": "Ann", "tags": [], "note": "x"}}),
)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def model(alias):
    make, field = need("pydantic:create_model"), need("pydantic:Field")
    return make("Person", full_name=(str, field(alias=alias)), tags=(list[str], ...), note=(str | None, None))


def check(data, schema, payload):
    expect_equal(sorted(data), sorted(schema["properties"]), "fields of the data")
    expect_equal(list(data.values()), list(payload.values()), "values of the data")


@promised
def scenario(params):
    typed = need("stageflow.contracts:TypedStageOutput")(model(params["alias"]))
    schema = typed.register_contract("probe", version="v1").schema
    check(typed.serialize(params["payload"]), schema, params["payload"])


def control(params):
    person = model(params["alias"])
    check(person.model_validate(params["payload"]).model_dump(by_alias=True), person.model_json_schema(), params["payload"])
