"""A frozen container reads like the container it was made from, also after copying and pickling."""

import copy
import pickle

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="A frozen container reads differently from what it was made of",
    claim="Length, items, order, membership, lookup, defaults and unfreezing give what the original gives.",
    source="invariant:round trip",
    component="stageflow.utils.frozen.FrozenDict",
    subsystem="frozen",
    category="correctness",
    type="bug",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Child pipelines see other data than their parent has.",
    recommendation="Delegate every reading method to the wrapped data.",
)

VALUES = ({}, {"a": None}, {"b": 1, "a": [0, {"x": ""}], "": False})
LISTS = ([], [None], [3, "a", [1], 3])
COPIES = ("as made", "copied", "deep copied", "pickled", "own copy")
CASES = tuple(
    Case(f"{type(value).__name__}-{place}-{how}", {"value": value, "how": how}, component=f"stageflow.utils.frozen.Frozen{kind}")
    for values, kind in ((VALUES, "Dict"), (LISTS, "List"))
    for place, value in enumerate(values)
    for how in (COPIES if place == len(values) - 1 else COPIES[:1])
)


def duplicate(value, how):
    if how == "own copy":
        return value.copy()
    return {"as made": lambda v: v, "copied": copy.copy, "deep copied": copy.deepcopy, "pickled": lambda v: pickle.loads(pickle.dumps(v))}[
        how
    ](value)


def reading(box, plain):
    """What can be read from a dict-like or list-like object."""
    if isinstance(plain, dict):
        looked = [[box[key], box.get(key, 7), key in box] for key in plain]
        return [len(box), list(box), list(box.keys()), list(box.values()), list(box.items()), looked, box.get("?", 7), "?" in box]
    return [len(box), list(box), [box[n] for n in range(len(plain))], list(box[1:]), [v in box for v in plain], "?" in box, box.count(3)]


def scenario(params):
    plain = params["value"]
    frozen = need(f"stageflow.utils.frozen:{'FrozenDict' if isinstance(plain, dict) else 'FrozenList'}")
    box = duplicate(frozen(plain), params["how"])
    expect_equal(reading(box, plain), reading(plain, plain), "all readings")
    expect_equal(box.to_dict() if isinstance(plain, dict) else box.to_list(), plain, "unfrozen")


def control(params):
    plain = params["value"]
    expect_equal(reading(duplicate(plain, params["how"]), plain), reading(plain, plain), "all readings of the plain container")
