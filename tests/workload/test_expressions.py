"""The expression language: what it evaluates to is what its Python source evaluates to, and nothing else is let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import UsageError
from agent.workload.expressions import as_negated_python, as_python, contains, evaluate, type_of

LEAVES = st.sampled_from(["1", "2.5", "record.a", "record.b", "index", "0.25"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} > {p[2]} else {p[2]})"),
        st.tuples(inner, inner).map(lambda p: f"max({p[0]}, {p[1]})"),
        inner.map(lambda p: f"sum(k * {p} for k in range(4))"),
        inner.map(lambda p: f"round({p}, 3)"),
    )


@given(st.recursive(LEAVES, combined, max_leaves=8), st.integers(-9, 9), st.integers(-9, 9))
def test_source_and_evaluation_agree(expression: str, a: int, b: int) -> None:
    values = {"record": {"a": a, "b": b}, "index": 3}
    assert eval(as_python(expression), values.copy()) == evaluate(expression, values)


@given(
    st.sampled_from(["record.a == 1", "record.a != 1", "record.a > 1", "record.a in [1, 2]", "record.a > 0 and index > 2"]),
    st.integers(-2, 3),
)
def test_the_negated_source_is_the_opposite(condition: str, a: int) -> None:
    values = {"record": {"a": a}, "index": 3}
    assert eval(as_negated_python(condition), values.copy()) is (not evaluate(condition, values))


@pytest.mark.parametrize("text", ["__import__('os')", "record.a.b()", "lambda: 1", "[x for x in y]", "open('f')", "1 +", "record['a']"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        evaluate(text, {"record": {"a": 1}})


def test_types_follow_from_the_parts() -> None:
    types = {"record.n": "int", "record.f": "float", "record.t": "str", "parts": "list[int]"}
    wanted = {"record.n + 1": "int", "record.n / 2": "float", "record.n > 1": "bool", "'a' + record.t": "str", "sum(parts)": "int"}
    wanted |= {
        "round(record.f, 2)": "float",
        "record.t if record.n else 'x'": "str",
        "min(record.n, 3) / 3": "float",
        "len(record.t)": "int",
    }
    assert {expression: type_of(expression, types) for expression in wanted} == wanted


def test_invisible_characters_do_not_hide_a_phrase() -> None:
    assert contains("please IG\u200bNORE previous", ["ignore previous"])
    assert not contains("please know", ["ignore"])
