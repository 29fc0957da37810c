"""The playbook's plan as a floor, and what a model may add to each phase: whatever an addition lacks or raises, the floor stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.core.artifacts import Action, PhaseName, PhaseRecord
from agent.core.shortage import ran_out
from agent.phases.base import Mission, Phase, Plan
from agent.policies.additions import ADDITIONS, Addition
from agent.policies.additions.notes import noted
from agent.policies.playbook import Playbook, begun


@dataclass
class FloorAndAdditions:
    """Follows the playbook to the phase's record, then the phase's additions; resumes by replay as the playbook does."""

    name: str = "llm"
    additions: Mapping[PhaseName, Addition] = field(default_factory=lambda: ADDITIONS)
    tell: Callable[[str], None] = lambda text: None
    _floor: Playbook = field(default_factory=Playbook)
    _open: dict[tuple[str, int], tuple[Plan, Action]] = field(default_factory=dict)
    _done: dict[tuple[str, int], PhaseRecord] = field(default_factory=dict)

    def decide(self, phase: Phase, mission: Mission, attempt: int) -> Action | PhaseRecord:
        """See `Policy.decide`."""
        key = (phase.name, attempt)
        if key in self._done:
            return self._done[key]
        found = self._floor.decide(phase, mission, attempt)
        if isinstance(found, Action) or phase.name not in self.additions:
            return found
        decided = self._added(phase, mission, attempt, found)
        if isinstance(decided, PhaseRecord):
            self._done[key] = decided
        return decided

    def _added(self, phase: Phase, mission: Mission, attempt: int, floor: PhaseRecord) -> Action | PhaseRecord:
        """The next open action of the additions, or the record with what they added."""
        key = (phase.name, attempt)
        try:
            plan, action = self._open.pop(key) if key in self._open else begun(self.additions[phase.name](mission, floor))
            while done := mission.journal.committed(mission.call_id(phase.name, action)):
                action = plan.send(done)
        except StopIteration as end:
            return self._kept(phase, mission, floor, end.value)
        except Exception as error:  # an addition may fail in any way; the floor is what the mission promised
            if limit := ran_out(error):
                raise limit from error
            self._note(phase, mission, f"{type(error).__name__}: {error}")
            return floor
        if action.tool not in mission.tools:
            self._note(phase, mission, f"it asked for the unknown tool {action.tool}")
            return floor
        self._open[key] = plan, action
        return action

    def _kept(self, phase: Phase, mission: Mission, floor: PhaseRecord, final: Any) -> PhaseRecord:
        """The record with additions, when it holds the whole floor and leaves the gate no more to ask for; the floor otherwise."""
        try:
            why = shortfall(floor, final)
            if not why and (asked := set(phase.gate(mission, final)) - set(phase.gate(mission, floor))):
                why = f"the gate would ask for more: {'; '.join(sorted(asked))}"
        except Exception as error:  # as above
            if limit := ran_out(error):
                raise limit from error
            why = f"{type(error).__name__}: {error}"
        if why:
            self._note(phase, mission, why)
            return floor
        assert isinstance(final, PhaseRecord)
        return final

    def _note(self, phase: Phase, mission: Mission, why: str) -> None:
        noted(mission, phase.name, "the additions of the phase", why)
        self.tell(f"{phase.name}: what the model added is left out: {why}"[:300])


def shortfall(floor: PhaseRecord, final: Any) -> str:
    """What of the floor a record lacks, in words; empty when it holds all of it."""
    if type(final) is not type(floor):
        return f"it is a {type(final).__name__}, not a {type(floor).__name__}"
    for name in type(floor).model_fields:
        if not holds(getattr(final, name), getattr(floor, name)):
            return f"{name} lacks something that the playbook had"
    return ""


def holds(final: Any, floor: Any) -> bool:
    """Whether a field holds what another one has: rows in their order at the start, items, at least as large a count, or the same."""
    if isinstance(floor, tuple):
        return isinstance(final, tuple) and final[: len(floor)] == floor
    if isinstance(floor, dict):
        return isinstance(final, dict) and all(name in final and holds(final[name], value) for name, value in floor.items())
    if type(floor) is int:
        return type(final) is int and final >= floor
    return bool(final == floor)
