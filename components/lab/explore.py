"""Looks for violations of a probe beyond its fixed cases: Hypothesis draws the cases and shrinks what fails.

All cases of one search share a process. What it finds is a suspicion with literal parameters: the proof, in fresh processes, decides.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from components.lab.probe import Case, NotApplicable, Violation
from components.lab.verdict import play, play_virtual

ROUND = 200
"""Cases drawn before the clock is looked at again."""
SHRINKING = 5.0
"""Seconds at most for making a violation small, also when the time for searching is over."""

Params = Mapping[str, Any]


@dataclass
class Search:
    """One search: what was tried, and what is known so far.

    Attributes:
        module: the probe module, with `strategy()`.
        deadline: `time.monotonic()` after which nothing new is tried.
        examples: cases played.
        outcomes: text of the params -> what they came to, so that shrinking asks for nothing twice.
        known: features of the violations found.
        blind: why the search ended without a verdict, empty otherwise.
        found: the smallest violation of this round so far.
        until: `time.monotonic()` after which this round tries nothing new; later than `deadline` while it shrinks.
    """

    module: ModuleType
    deadline: float
    examples: int = 0
    outcomes: dict[str, Violation | None] = field(default_factory=dict)
    known: list[frozenset[str]] = field(default_factory=list)
    blind: str = ""
    found: tuple[Params, Violation] | None = None
    until: float = 0.0

    def features(self, params: Params) -> frozenset[str]:
        """What the case uses, as the probe tells; nothing when it does not."""
        return frozenset(self.module.features(params)) if hasattr(self.module, "features") else frozenset()

    def try_case(self, params: Params) -> None:
        """Play one case, unless it is known, too late, or one of a kind that is known to fail.

        Raises:
            Violation: the claim does not hold for it.
        """
        key = json.dumps(params, sort_keys=True, default=str)
        if any(kind <= self.features(params) for kind in self.known):
            return
        if key not in self.outcomes:
            if self.blind or time.monotonic() > self.until:
                return
            self.outcomes[key] = self._play(params)
        if violation := self.outcomes[key]:
            if self.found is None:
                self.until = max(self.deadline, time.monotonic() + SHRINKING)
            self.found = params, violation
            raise violation

    def _play(self, params: Params) -> Violation | None:
        self.examples += 1
        player = play_virtual if self.module.PROBE.virtual_time else play
        try:
            player(self.module.scenario, params, self.module.PROBE.seconds)
        except Violation as violation:
            return violation
        except NotApplicable:
            return None
        except BaseException as error:
            self.blind = f"{type(error).__name__}: {error} with {json.dumps(params, default=str)[:300]}"
        return None


def draw(search: Search, strategy: Any, seed: int) -> tuple[Params, Violation] | None:
    """The smallest violation among one round of cases, if there is any."""
    import hypothesis  # here: only a search needs it, and it takes a third of a second

    search.found, search.until = None, search.deadline
    settings = hypothesis.settings(
        max_examples=ROUND,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
    )

    def attempt(params: Params) -> None:
        search.try_case(params)

    play_round: Callable[[], None] = hypothesis.seed(seed)(settings(hypothesis.given(strategy)(attempt)))  # type: ignore[no-untyped-call]
    try:
        play_round()
    except Violation:
        return search.found
    return None


def explore(module: ModuleType, plan: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Search for `plan["seconds"]` from `plan["seed"]` and yield what was found, as verdict rows; the last row, `explored`, is the sum.

    `plan["known"]` holds the features of violations found before. Without `features` the search is `over` at the first violation:
    whatever else it finds could be the same defect. It is over too when everything the strategy can draw has been tried.
    """
    search = Search(module, time.monotonic() + plan["seconds"])
    search.known = [frozenset(kind) for kind in plan.get("known", ())]
    strategy = module.strategy()
    number, over = 0, False
    while time.monotonic() < search.deadline and not search.blind and not over:
        number += 1
        before = search.examples
        violation = draw(search, strategy, plan["seed"] * 1_000_003 + number)
        if violation:
            features = search.features(violation[0])
            yield found(module, *violation) | {"features": sorted(features)}
            search.known.append(features)
        over = not search.known[-1] if violation else search.examples == before
    verdict = "unknown" if search.blind else "holds"
    yield {
        "case": "explored",
        "verdict": verdict,
        "reason": search.blind,
        "examples": search.examples,
        "params": {},
        "over": over or bool(search.blind),
    }


def found(module: ModuleType, params: Params, violation: Violation) -> dict[str, Any]:
    """The verdict row of a violation that was found."""
    digest = hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode()).hexdigest()[:8]
    case: Case = module.case_of(params) if hasattr(module, "case_of") else Case("", params)
    row = {"case": f"explored-{digest}", "params": dict(params), "verdict": "violated"}
    named = {name: getattr(case, name) for name in ("title", "component", "cause") if getattr(case, name)}
    return row | named | {"expected": violation.expected, "observed": violation.observed}
