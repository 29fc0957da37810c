"""Small graphs that several probes look at, each for a promise of its own."""

from components.lab.probe import Case

IN_THE_SECOND_STAGE = Case(
    "in the second stage",
    {
        "stages": [
            {"name": "a", "does": [["ok", 3]]},
            {"name": "b", "after": ["a"], "does": [["ok", 9]]},
            {"name": "c", "after": ["b"], "does": [["ok", 1]]},
        ],
        "cancel_at": 5,
    },
)

BETWEEN_CHECKPOINTS = Case(
    "between checkpoints",
    {"stages": [{"name": "a", "does": [["polls", 4, "5"]]}, {"name": "b", "after": ["a"], "does": [["ok", 9]]}], "cancel_at": 5},
)

ACCEPTED_IN_TIME = Case(
    "accepted in time",
    {
        "stages": [
            {"name": "a", "does": [["ok", 3]]},
            {
                "name": "guard0",
                "after": ["a"],
                "kind": "guard",
                "does": [["fail", 1, "refused", {"turn": 1}], ["fail", 2, "refused", {"turn": 2}], ["ok", 1]],
            },
            {"name": "z", "after": ["guard0"], "does": [["ok", 1]]},
        ],
        "guards": {"guard0": {"retry_stage": "a", "max_attempts": 3, "stagnation_limit": 9}},
    },
)

ONE_REFUSAL_TOO_MANY = Case(
    "one refusal too many",
    {
        "stages": [
            {"name": "a", "does": [["ok", 3]]},
            {
                "name": "guard0",
                "after": ["a"],
                "kind": "guard",
                "does": [["fail", 1, "refused", {"turn": 1}], ["fail", 2, "refused", {"turn": 2}], ["ok", 1]],
            },
            {"name": "z", "after": ["guard0"], "does": [["ok", 1]]},
        ],
        "guards": {"guard0": {"retry_stage": "a", "max_attempts": 2, "stagnation_limit": 9}},
    },
)

DIAMOND = Case(
    "diamond",
    {
        "stages": [
            {"name": "a", "does": [["ok", 3]]},
            {"name": "b", "after": ["a"], "does": [["ok", 9]]},
            {"name": "c", "after": ["a"], "does": [["ok", 1]]},
            {"name": "d", "after": ["b", "c"], "does": [["ok", 1]]},
        ]
    },
)

CHAIN = Case("chain", {"stages": [{"name": "a", "does": [["dict", 3]]}, {"name": "b", "after": ["a"], "does": [["dict", 2]]}]})

LEGACY_DIAMOND = Case(
    "diamond",
    {
        "stages": [
            {"name": "a", "does": [["dict", 3]]},
            {"name": "b", "after": ["a"], "does": [["dict", 9]]},
            {"name": "c", "after": ["a"], "does": [["dict", 1]]},
            {"name": "d", "after": ["b", "c"], "does": [["dict", 1]]},
        ]
    },
)

RAISES_BESIDE = Case(
    "raises beside",
    {
        "stages": [
            {"name": "a", "does": [["raise", 3, "KeyError"]]},
            {"name": "b", "does": [["ok", 9]]},
            {"name": "c", "after": ["b"], "does": [["ok", 1]]},
        ]
    },
)

CANCELS_BESIDE_ONE_THAT_TIDIES_UP = Case(
    "cancels beside one that tidies up",
    {
        "stages": [
            {"name": "a", "does": [["cancel", 3, "enough"]]},
            {"name": "b", "does": [["ok", 9]], "tidy": 5},
            {"name": "c", "after": ["b"], "does": [["ok", 1]]},
        ]
    },
)

FAILS_BESIDE = Case(
    "fails beside",
    {
        "stages": [
            {"name": "a", "does": [["fail", 3, "no good"]]},
            {"name": "b", "does": [["ok", 9]]},
            {"name": "c", "after": ["b"], "does": [["ok", 1]]},
        ]
    },
)

CHILD_RAISES = Case(
    "child raises",
    {
        "stages": [
            {"name": "a", "does": [["ok", 3]], "child": {"stages": [{"name": "b", "does": [["raise", 2, "KeyError"]]}]}},
            {"name": "c", "after": ["a"], "does": [["ok", 1]]},
        ]
    },
)

TOO_DEEP = Case(
    "too deep",
    {
        "stages": [
            {
                "name": "a",
                "does": [["ok", 3]],
                "child": {"stages": [{"name": "b", "does": [["ok", 2]], "child": {"stages": [{"name": "c", "does": [["ok", 2]]}]}}]},
            }
        ],
        "depth": 1,
    },
)

CHILD_WORKS = Case(
    "child works",
    {
        "stages": [
            {"name": "a", "does": [["ok", 3]], "child": {"stages": [{"name": "b", "does": [["ok", 2]]}]}},
            {"name": "c", "after": ["a"], "does": [["ok", 1]]},
        ]
    },
)
