"""What a mission, a phase and a call may cost, counted from the run's stored calls, so that a resumed mission goes on counting."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from agent.core.settings import Settings
from agent.models.calls import CallRecord

PHASES: dict[str, float] = {
    "research": 0.2,
    "simulate": 0.3,
    "build": 0.4,
    "execute": 0.78,
    "evaluate": 0.9,
    "report": 0.96,
    "recommend": 1.0,
}
"""Share of the mission's tokens that may be gone at the end of a phase: what early phases leave over goes to later ones."""


@dataclass(frozen=True)
class Spent:
    """What stored calls came to.

    Attributes:
        tokens: as counted by the providers, or reserved where they did not say.
        calls: requests on the wire.
        seconds: of calls and of waiting for limits.
        cost: of the calls whose cost is known.
        unpriced: answered calls whose cost is unknown.
    """

    tokens: int = 0
    calls: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    unpriced: int = 0


def spent(records: Iterable[CallRecord], phase: str = "") -> Spent:
    """The sum over a mission's records, or over those of one phase."""
    attempts = [attempt for record in records if not phase or record.phase == phase for attempt in record.attempts]
    return Spent(
        tokens=sum(a.tokens for a in attempts),
        calls=len(attempts),
        seconds=sum(a.waited + a.seconds for a in attempts),
        cost=sum(a.cost or 0.0 for a in attempts),
        unpriced=sum(a.cost is None and a.tokens > 0 for a in attempts),
    )


@dataclass(frozen=True)
class Budget:
    """The limits of a mission.

    Attributes:
        tokens: of the mission.
        call_tokens: prompt and answer of one call.
        seconds: calling and waiting.
        cost: US dollars, None for no limit.
        calls: requests on the wire.
    """

    tokens: int
    call_tokens: int
    seconds: float
    cost: float | None = None
    calls: int = 120

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        return cls(settings.mission_tokens, settings.call_tokens, settings.model_seconds, settings.mission_cost, settings.mission_calls)

    def seconds_left(self, gone: Spent) -> float:
        """Seconds that may still go."""
        return max(0.0, self.seconds - gone.seconds)

    def refusal(self, gone: Spent, phase: str, tokens: int, cost: float | None) -> str:
        """Why a call of `tokens` and at most `cost` may not be made after what is gone; empty when it may."""
        left, share = self.tokens - gone.tokens, round(self.tokens * PHASES.get(phase, 1.0)) - gone.tokens
        if tokens > self.call_tokens:
            return f"a call of {tokens} tokens is above the {self.call_tokens} of one call"
        if tokens > max(0, share):
            of = f"the share of phase {phase}" if tokens <= left else "the mission"
            return f"the tokens of {of} are used up: {gone.tokens} of {self.tokens} are gone, {tokens} are asked for"
        if gone.calls >= self.calls:
            return f"all {self.calls} calls of the mission are made"
        if gone.seconds >= self.seconds:
            return f"the {self.seconds:g} s for calling models are used up"
        if self.cost is not None and gone.cost + (cost or 0.0) > self.cost:
            return f"the mission's ${self.cost:g} would be exceeded: ${gone.cost:.6f} are gone"
        return ""
