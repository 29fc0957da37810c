"""Draws cases for the explorer and, by a seed, for the fixed cases of a probe; one generator for both."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from components.lab.probe import Case

Params = dict[str, Any]


@dataclass(frozen=True)
class Traits:
    """What may occur in the cases of a probe.

    Attributes:
        most: the largest number of stages.
        returns: verbs of stages that let the run go on.
        endings: verbs that end the run; each case has at most two such stages.
        conditional: stages may be conditional, and others may give a reason to skip them, with these values.
        values: what some stages put into their data.
        forms: how stages may be registered.
        cleanups, notes, tidy: the most of each per stage; `tidy` in ms.
        defaults: whether the default interceptors may be installed instead of none.
        recorders: kinds of recording interceptors; `answers`: whether one may answer for a stage.
        retries: pairs (transient failures in a row, attempts allowed) of a retried stage.
        limits: whether there is a time-out that some stages do not keep.
        guards: the most refusals of a guard in a row; 0 for no guards.
        beside: whether others than the guard may depend on what it judges.
        children: how deep sub-pipelines may be nested.
        called_off: whether the context is cancelled at some time.
        prefixes: what stage names may begin with.
    """

    most: int = 7
    returns: Sequence[str] = ("ok",)
    endings: Sequence[str] = ()
    conditional: Sequence[Any] = ()
    values: Sequence[Any] = ()
    forms: Sequence[str] = ("instance",)
    cleanups: int = 0
    notes: int = 0
    tidy: int = 0
    defaults: bool = False
    recorders: Sequence[str] = ()
    answers: bool = False
    retries: Sequence[tuple[int, int]] = ()
    limits: bool = False
    guards: int = 0
    beside: bool = False
    children: int = 0
    called_off: bool = False
    prefixes: Sequence[str] = ("", "customer_onboarding_step_", "schritt für schritt ")


class Dice:
    """Where a case's choices come from; the first choice is the simplest."""

    def __init__(self, number: Callable[[int, int], int]) -> None:
        self.number = number

    def choose(self, options: Sequence[Any]) -> Any:
        """One of the options."""
        return options[self.number(0, len(options) - 1)] if len(options) > 1 else options[0]

    def happens(self, one_in: int) -> bool:
        """True in about one of so many cases."""
        return self.number(0, one_in - 1) == one_in - 1


def drawn(traits: Traits) -> Any:
    """A Hypothesis strategy of cases."""
    from hypothesis import strategies  # here: only a search needs it, and it takes a third of a second

    @strategies.composite
    def cases(draw: Callable[[Any], int]) -> Params:
        return draw_dag(Dice(lambda low, high: draw(strategies.integers(low, high))), traits)

    return cases()


def seeded(traits: Traits, count: int) -> tuple[Case, ...]:
    """Fixed cases: the same ones for the same traits."""
    return tuple(Case(f"seed {seed}", draw_dag(Dice(random.Random(seed).randint), traits)) for seed in range(1, count + 1))


def with_causes(cases: Sequence[Case], case_of: Callable[[Params], Case]) -> tuple[Case, ...]:
    """The same cases, each with the cause that is known for its params, if any."""
    return tuple(replace(case, cause=case_of(dict(case.params)).cause) for case in cases)


def draw_dag(dice: Dice, traits: Traits, level: int = 0) -> Params:
    """A case."""
    prefix = dice.choose(traits.prefixes)
    stages: list[Params] = []
    for number in range(dice.number(1, max(2, traits.most - 3 * level))):
        earlier = [row["name"] for row in stages]
        after = [name for name in earlier if dice.happens(2)] if len(earlier) < 4 else few_of(dice, earlier)
        stages.append(draw_stage(dice, traits, f"{prefix}{'abcdefghijklmnopqrst'[number]}", after))
    case: Params = {"stages": stages}
    if traits.endings:
        for row in few_of(dice, stages)[:2]:
            row["does"] = [drawn_ending(dice, dice.choose(traits.endings))]
    if traits.defaults and dice.happens(2):
        case["stack"] = [["default", 0]]
    if traits.recorders:
        case["stack"] = draw_stack(dice, traits, [row["name"] for row in stages])
    if traits.retries or traits.limits:
        draw_trouble(dice, traits, case)
    if traits.guards:
        draw_guards(dice, traits, case)
    if level < traits.children:
        draw_child(dice, traits, case, level)
    if traits.called_off and level == 0:
        case["cancel_at"] = dice.number(1, 60)
    if dice.happens(2):
        case["stages"] = stages[::-1]
    return case


def slowed(params: Params, factor: int = 1000) -> Params:
    """The same case, with all times that many times as long."""
    stages = []
    for row in params["stages"]:
        does = [[step[0], step[1] * factor, *step[2:]] for step in row["does"]]
        stages.append({**row, "does": does, **({"child": slowed(row["child"], factor)} if "child" in row else {})})
    return {**params, "stages": stages, **({"cancel_at": params["cancel_at"] * factor} if "cancel_at" in params else {})}


def few_of(dice: Dice, things: list[Any]) -> list[Any]:
    """Up to three of them, in their order."""
    wanted = {dice.number(0, len(things) - 1) for _ in range(dice.number(0, 3))} if things else set()
    return [thing for index, thing in enumerate(things) if index in wanted]


def draw_stage(dice: Dice, traits: Traits, name: str, after: list[str]) -> Params:
    """A stage that lets the run go on."""
    verb = dice.choose(traits.returns)
    step: list[Any] = [verb, dice.number(0, 20)]
    if verb in ("skip", "polls"):
        step.append("not needed" if verb == "skip" else str(dice.number(1, 5)))
    if after and dice.happens(10):
        after = [*after, after[0]]  # named twice
    row: Params = {"name": name, "after": after, "does": [step]}
    if traits.conditional and after and dice.happens(2):
        row["conditional"] = True
    if traits.conditional and dice.happens(3):
        row["data"] = {"skip_reason": dice.choose(traits.conditional)}
    if traits.values and dice.happens(2):
        row["data"] = {"value": dice.choose(traits.values)}
    if (form := dice.choose(traits.forms)) != "instance":
        row["form"] = form
    for extra, most in (("cleanups", traits.cleanups), ("notes", traits.notes), ("tidy", traits.tidy)):
        if most and (value := dice.number(0, most)):
            row[extra] = value
    return row


def drawn_ending(dice: Dice, verb: str) -> list[Any]:
    """What a stage does that ends the run."""
    texts = {"fail": "no good", "cancel": "enough", "raise": dice.choose(("ValueError", "ConnectionError", "KeyError"))}
    return [verb, dice.number(0, 20), *([texts[verb]] if verb in texts else [])]


def draw_stack(dice: Dice, traits: Traits, names: list[str]) -> list[list[Any]]:
    """A stack of interceptors in any order, no two of the same priority."""
    priorities = sorted({dice.number(1, 60) for _ in range(dice.number(1, 5))}, key=lambda priority: (priority * 37) % 61)
    stack = [[dice.choose(traits.recorders), priority] for priority in priorities]
    if traits.answers and dice.happens(2):
        place = dice.number(0, len(stack) - 1)
        stack[place] = ["answer", stack[place][1], dice.choose(names)]
    return stack


def draw_trouble(dice: Dice, traits: Traits, case: Params) -> None:
    """Stages that fail for a while under a retry interceptor, or take too long under a time-out."""
    troubled = few_of(dice, case["stages"]) or case["stages"][:1]
    stack = case["stack"] = case.get("stack", [])
    if traits.retries:
        allowed = dice.choose([attempts for _, attempts in traits.retries])
        stack.append(["retry", 15, allowed, dice.choose((1, 100, 20_000)), dice.choose(("constant", "linear", "exponential"))])
        for row in troubled:
            failures = dice.choose([failures for failures, attempts in traits.retries if attempts == allowed])
            error = dice.choose(("ConnectionError", "OSError", "ValueError"))
            row["does"] = [*([["raise", dice.number(0, 20), error]] * failures), ["ok", dice.number(0, 20)]]
    if traits.limits:
        stack.append(["timeout", 5])
        limit = dice.number(5, 100)
        case["data"] = {"_timeout_ms": limit}
        for row in troubled:
            row["does"] = [*row["does"][:-1], dice.choose((["ok", limit - 2], ["ok", limit + 3], ["hang", 0]))]


def draw_guards(dice: Dice, traits: Traits, case: Params) -> None:
    """A guard behind one or two of the stages, with a policy of its own."""
    stages = case["stages"]
    for number, row in enumerate(few_of(dice, stages)[:2] or stages[:1]):
        guard = f"guard{number}"
        refusals = dice.number(1, traits.guards)
        datas = [{"seen": dice.number(0, 1)} if dice.happens(2) else {"turn": turn} for turn in range(refusals)]
        does = [["fail", dice.number(0, 20), "refused", data] for data in datas]
        if not traits.beside:
            for other in stages:
                other["after"] = [guard if name == row["name"] else name for name in other["after"]]
        does.append(["ok", dice.number(0, 20)])
        stages.insert(stages.index(row) + 1, {"name": guard, "after": [row["name"]], "kind": "guard", "does": does})
        policy = {"retry_stage": row["name"], "max_attempts": dice.number(1, traits.guards + 1)}
        policy["stagnation_limit"] = dice.number(1, 3)
        if dice.happens(3):
            policy["timeout_seconds"] = dice.number(1, 50) / 1000
        case.setdefault("guards", {})[guard] = policy


def draw_child(dice: Dice, traits: Traits, case: Params, level: int) -> None:
    """Sub-pipelines for some stages; only they may fail, because a parent that ends early is another matter."""
    for row in few_of(dice, case["stages"])[:2] or case["stages"][:1]:
        row["child"] = draw_dag(dice, traits, level + 1)
        if not row["child"]["stages"][0].get("child") and dice.happens(2):
            row["child"]["stages"][-1]["does"] = [drawn_ending(dice, dice.choose(("raise", "cancel")))]
    if level == 0 and dice.happens(3):
        case["depth"] = dice.number(1, 3)
