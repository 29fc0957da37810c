"""Frozen lists with equal items are equal."""

import copy
import pickle

from components.lab.probe import Case, Probe, expect_equal, need

PROBE = Probe(
    title="FrozenList compares by identity: a copy, or another FrozenList of the same items, is not equal to it",
    claim="Frozen lists with equal items are equal, as their equal hashes say and as FrozenDict and tuple do.",
    source="invariant:equality",
    component="stageflow.utils.frozen.FrozenList",
    subsystem="frozen",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Comparing two frozen lists, or looking one up in a set, says 'changed' or 'absent' for the same content.",
    recommendation="Define FrozenList.__eq__ over its items; Sequence does not provide one, while __hash__ is by value.",
    workaround="Compare to_list().",
    cause="stageflow.utils.frozen:FrozenList",
)

CASES = (
    Case("itself", {"how": "itself", "items": [1, 2]}),
    Case("rebuilt", {"how": "rebuilt", "items": [1, 2]}),
    Case("copy", {"how": "copy", "items": ["a"]}),
    Case("deepcopy", {"how": "deepcopy", "items": ["a"]}),
    Case("pickled", {"how": "pickled", "items": []}),
)


def check(made, rebuild, how):
    others = {
        "itself": lambda: made,
        "rebuilt": rebuild,
        "copy": lambda: copy.copy(made),
        "deepcopy": lambda: copy.deepcopy(made),
        "pickled": lambda: pickle.loads(pickle.dumps(made)),
    }
    expect_equal(made == others[how](), True, f"equal to {how}")


def scenario(params):
    frozen = need("stageflow.utils.frozen:FrozenList")
    made = frozen(params["items"])
    len(made)
    check(made, lambda: frozen(params["items"]), params["how"])


def control(params):
    check(tuple(params["items"]), lambda: tuple(params["items"]), params["how"])
