"""No ordinary operation changes a frozen container, nor does changing what it was made from."""

from components.lab.probe import Case, Probe, Violation, expect_equal, need

PROBE = Probe(
    title="A frozen container can be changed",
    claim="Item assignment and deletion raise TypeError, there are no changing methods, and later changes of the source do not show.",
    source="docstring:stageflow.utils.frozen.FrozenDict",
    component="stageflow.utils.frozen.FrozenDict",
    subsystem="frozen",
    category="security",
    type="security",
    consequence="data_loss",
    silent=True,
    default_setup=True,
    impact="A child pipeline changes its parent's data.",
    recommendation="Copy the source, and offer reading only.",
)

DICT, LIST = "stageflow.utils.frozen.FrozenDict", "stageflow.utils.frozen.FrozenList"
CASES = tuple(
    Case(f"{kind}-{act}", {"kind": kind, "act": act}, component=DICT if kind == "FrozenDict" else LIST)
    for kind, acts in (
        ("FrozenDict", ("set item", "delete item", "new attribute", "changing methods", "source", "returned copy")),
        ("FrozenList", ("set item", "delete item", "new attribute", "changing methods", "source", "returned copy")),
    )
    for act in acts
)
METHODS = ("clear", "pop", "popitem", "setdefault", "update", "append", "extend", "insert", "remove", "sort", "reverse")


def attempt(frozen, source, act):
    """Do it; the name of the error if there is one."""
    key = next(iter(source)) if isinstance(source, dict) else 0
    try:
        if act == "set item":
            frozen[key] = 99
        elif act == "delete item":
            del frozen[key]
        elif act == "new attribute":
            frozen.extra = 99
        elif act == "changing methods":
            return str([name for name in METHODS if hasattr(frozen, name)])
        elif act == "source":
            source.clear()
        else:
            (frozen.to_dict() if isinstance(source, dict) else frozen.to_list()).clear()
    except (TypeError, AttributeError) as error:
        return type(error).__name__
    return ""


WANTED = {"set item": "TypeError", "delete item": "TypeError", "new attribute": "AttributeError", "changing methods": "[]"}


def check(frozen, source, act, content):
    seen = attempt(frozen, source, act)
    expect_equal(seen, WANTED.get(act, ""), f"result of '{act}'")
    if list(frozen.items() if isinstance(source, dict) else frozen) != content:
        raise Violation("the same content afterwards", "changed content")


def scenario(params):
    source = {"a": 1, "b": [2]} if params["kind"] == "FrozenDict" else [1, [2]]
    content = list(source.items()) if isinstance(source, dict) else list(source)
    check(need(f"stageflow.utils.frozen:{params['kind']}")(source), source, params["act"], content)


def control(params):
    expect_equal([name for name in METHODS if hasattr((), name)], [], "changing methods of a tuple")
