"""The embedded default: follows each phase's plan, which is made from the roadmap entry's data. Needs no key and no network."""

from dataclasses import dataclass
from typing import Protocol

from agent.core.artifacts import Action, PhaseRecord
from agent.phases.base import Mission, Phase


class Policy(Protocol):
    """Decides what to do next in a phase."""

    @property
    def name(self) -> str:
        """As it appears in reports."""

    def decide(self, phase: Phase, mission: Mission, attempt: int) -> Action | PhaseRecord:
        """The next action that is not committed yet, or the phase's record when nothing is left to do."""


@dataclass(frozen=True)
class Playbook:
    """Replays the plan over the committed calls and takes the first open action."""

    name: str = "playbook"

    def decide(self, phase: Phase, mission: Mission, attempt: int) -> Action | PhaseRecord:
        """See `Policy.decide`."""
        plan = phase.plan(mission, attempt)
        try:
            action = next(plan)
            while done := mission.journal.committed(mission.call_id(phase.name, action)):
                action = plan.send(done)
        except StopIteration as end:
            assert isinstance(end.value, PhaseRecord)
            return end.value
        return action
