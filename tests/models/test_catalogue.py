"""The catalogue is consistent, says where its figures are from, and knows what it does not know."""

from hypothesis import given
from hypothesis import strategies as st

from agent.core.chat import Usage
from agent.models.catalogue import answer_factor, catalogue, cost, known, successor
from agent.models.schemas import strict_form


def test_every_name_is_there_once_and_every_successor_is_known_and_served() -> None:
    names = [model.name for model in catalogue().models]
    assert len(names) == len(set(names))
    for model in catalogue().models:
        assert (model.retired is None) == (model.successor is None)
        heir = successor(model.name)
        assert (heir is None) == (model.successor is None)
        assert heir is None or heir.retired is None


def test_the_owner_s_default_goes_to_the_reasoning_model_that_replaced_it() -> None:
    heir = successor("llama-3.1-8b-instant")
    assert heir is not None
    assert (heir.name, heir.reasoning, heir.schema_support) == ("openai/gpt-oss-20b", True, "strict")
    assert answer_factor(heir.name) > 1
    assert answer_factor("someone/new-model") == 1


def test_figures_say_where_they_are_from() -> None:
    for model in catalogue().models:
        for figure in (model.price, model.limits):
            assert figure is None or (figure.source and (figure.as_of is None or figure.as_of.year >= 2025))


def test_an_unknown_price_is_unknown_and_never_nothing() -> None:
    usage = Usage(prompt=1_000_000, answer=1_000_000)
    assert cost("llama-3.1-8b-instant", usage) == 0.13
    assert cost("openai/gpt-oss-20b", usage) is None
    assert cost("someone/new-model", usage) is None
    assert cost("llama-3.1-8b-instant", None) is None
    assert known("someone/new-model") is None


scalars = st.sampled_from([{"type": "string", "maxLength": 3}, {"type": "integer", "minimum": 1}, {"enum": ["a"]}, {"$ref": "#/$defs/X"}])
schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items, "maxItems": 3}, inner),
        st.builds(lambda choices: {"anyOf": [*choices, {"type": "null"}]}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda fields: {"type": "object", "properties": fields}, st.dictionaries(st.sampled_from("abc"), inner, min_size=1)),
        st.just({"type": "object", "additionalProperties": {"type": "string"}}),
    ),
    max_leaves=8,
)


@given(schemas)
def test_strict_schemas_require_everything_add_nothing_and_bound_nothing(schema: dict[str, object]) -> None:
    strict = strict_form(schema)
    if strict is None:
        assert "additionalProperties" in str(schema)
        return
    assert not any(bound in str(strict) for bound in ("maxLength", "minimum", "maxItems"))
    assert str(strict).count("'type': 'object'") == str(strict).count("'additionalProperties': False") == str(strict).count("'required'")


def test_what_strict_output_cannot_express_is_left_to_best_effort() -> None:
    for field in ({}, {"type": "array"}, {"type": "object"}, {"type": "array", "prefixItems": [{"type": "string"}]}, {"allOf": []}):
        assert strict_form({"type": "object", "properties": {"field": field}}) is None
