"""What a model may add to each phase, as a generator of actions after the floor's; see `agent.policies.llm`."""

from collections.abc import Callable, Mapping
from typing import Any

from agent.core.artifacts import PhaseName
from agent.phases.base import Mission, Plan
from agent.policies.additions import evaluate, execute, recommend, report, research, simulate

Addition = Callable[[Mission, Any], Plan]
"""Takes the mission and the floor's record of the phase."""
ADDITIONS: Mapping[PhaseName, Addition] = {
    "research": research.additions,
    "simulate": simulate.additions,
    "execute": execute.additions,
    "evaluate": evaluate.additions,
    "report": report.additions,
    "recommend": recommend.additions,
}
