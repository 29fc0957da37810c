"""Compares the entry's success criteria with what was measured. A criterion missed is a measurement, not a bug."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from agent.core.roadmap import Entry, SuccessCriterion
from agent.core.workspace import Workspace
from agent.court.evidence import pipeline_result

OPERATORS: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


@dataclass(frozen=True)
class Judged:
    """A criterion, the value measured (None when there is none), and what follows."""

    criterion: SuccessCriterion
    measured: float | None
    verdict: Literal["met", "missed", "not measured"]


def judge_criteria(entry: Entry, workspace: Workspace) -> list[Judged]:
    """Every success criterion of the entry against the metrics files of the run."""
    return judge(entry.success_criteria, workspace)


def judge(criteria: Iterable[SuccessCriterion], workspace: Workspace) -> list[Judged]:
    """Success criteria against the metrics files of a run."""
    judged = []
    for criterion in criteria:
        value = measured(criterion.metric, workspace)
        if value is None:
            judged.append(Judged(criterion, None, "not measured"))
        else:
            met = OPERATORS[criterion.op](value, criterion.value)
            judged.append(Judged(criterion, value, "met" if met else "missed"))
    return judged


def measured(metric: str, workspace: Workspace) -> float | None:
    """The number at `<test id>:<dotted path>` in the test's metrics, or None."""
    test, _, path = metric.partition(":")
    value: Any = pipeline_result(workspace, test)["metrics"]
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
