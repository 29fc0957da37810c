"""The effects ledger: what was really asked of each mock, how often, by which run, and what came of it."""

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

EffectOutcome = Literal["asked", "applied", "repeated", "answered", "refused", "failed", "abandoned"]
"""asked: under way; applied: state changed; repeated: same key again, state unchanged; answered: read; refused: no such
row for this tenant; failed: an injected fault; abandoned: the caller was cancelled while waiting."""


@dataclass(frozen=True)
class Effect:
    """One request to a mock."""

    number: int
    service: str
    operation: str
    key: str
    run: str
    tenant: str
    outcome: EffectOutcome
    asked_at: float
    settled_at: float | None = None


class EffectsLedger:
    """Append-only, safe for threads and tasks; one per set of services."""

    def __init__(self) -> None:
        self._effects: list[Effect] = []
        self._lock = threading.Lock()

    def ask(self, service: str, operation: str, key: str, run: str, tenant: str) -> int:
        """Note that a request arrived; returns its number."""
        with self._lock:
            number = len(self._effects)
            self._effects.append(Effect(number, service, operation, key, run, tenant, "asked", time.monotonic()))
            return number

    def settle(self, number: int, outcome: EffectOutcome) -> None:
        """Note what came of request `number`."""
        with self._lock:
            self._effects[number] = replace(self._effects[number], outcome=outcome, settled_at=time.monotonic())

    def rows(self, **where: str) -> tuple[Effect, ...]:
        """Requests whose named attributes equal the given values, in order of arrival."""
        with self._lock:
            found = tuple(self._effects)
        return tuple(e for e in found if all(getattr(e, name) == value for name, value in where.items()))

    def count(self, **where: str) -> int:
        """How many requests match."""
        return len(self.rows(**where))

    def applied(self) -> Counter[tuple[str, str, str]]:
        """How often each (service, operation, key) changed state."""
        return Counter((e.service, e.operation, e.key) for e in self.rows(outcome="applied"))

    def duplicates(self) -> dict[tuple[str, str, str], int]:
        """Effects that were applied more than once."""
        return {effect: times for effect, times in self.applied().items() if times > 1}

    def missing(self, expected: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Expected effects that were never applied."""
        applied = self.applied()
        return [effect for effect in expected if not applied[effect]]

    def unexpected(self, expected: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
        """Applied effects that nobody expected."""
        wanted = set(expected)
        return sorted(effect for effect in self.applied() if effect not in wanted)

    def as_json(self) -> list[dict[str, Any]]:
        """All requests as plain dictionaries."""
        return [asdict(effect) for effect in self.rows()]
