"""The embedded default: follows each phase's plan, which is made from the roadmap entry's data. Needs no key and no network."""

from dataclasses import dataclass, field
from typing import Protocol

from agent.core.artifacts import Action, PhaseRecord
from agent.phases.base import Mission, Phase, Plan


class Policy(Protocol):
    """Decides what to do next in a phase."""

    @property
    def name(self) -> str:
        """As it appears in reports."""

    def decide(self, phase: Phase, mission: Mission, attempt: int) -> Action | PhaseRecord:
        """The next action that is not committed yet, or the phase's record when nothing is left to do."""


@dataclass
class Playbook:
    """Follows the plan: committed actions answer at once, the first open one is the decision.

    A plan stays where it is between two decisions of one process; a new process replays it over the committed calls.
    """

    name: str = "playbook"
    _open: dict[tuple[str, int], tuple[Plan, Action]] = field(default_factory=dict)
    _done: dict[tuple[str, int], PhaseRecord] = field(default_factory=dict)

    def decide(self, phase: Phase, mission: Mission, attempt: int) -> Action | PhaseRecord:
        """See `Policy.decide`."""
        key = (phase.name, attempt)
        if key in self._done:
            return self._done[key]
        try:
            plan, action = self._open.pop(key) if key in self._open else begun(phase.plan(mission, attempt))
            while done := mission.journal.committed(mission.call_id(phase.name, action)):
                action = plan.send(done)
        except StopIteration as end:
            assert isinstance(end.value, PhaseRecord)
            self._done[key] = end.value
            return end.value
        self._open[key] = plan, action
        return action


def begun(plan: Plan) -> tuple[Plan, Action]:
    """A plan and its first action."""
    return plan, next(plan)
