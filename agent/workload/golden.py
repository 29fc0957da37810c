"""The right answer for a record: the golden rule evaluated over the record and the reference rows, without any pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.core.workload import Workload
from agent.workload.expressions import evaluate

Rows = Mapping[str, Mapping[tuple[str, str], Mapping[str, Any]]]
"""Service to (tenant, key) to row."""


@dataclass(frozen=True)
class Answer:
    """What must come out: the decision, outputs by `stage.output`, and the effects as (service, operation, key)."""

    decision: str
    outputs: dict[str, Any]
    effects: list[list[str]]


def answer(workload: Workload, record: Mapping[str, Any], rows: Rows) -> Answer:
    """The golden answer for a record that must be accepted."""
    golden = workload.golden
    values: dict[str, Any] = {"record": record}
    for name, row in golden.rows.items():
        values[name] = rows[row.service][record["tenant"], evaluate(row.key, values)]
    for name, expression in golden.values.items():
        values[name] = evaluate(expression, values)
    values["decision"] = next((rule.decision for rule in golden.decide if evaluate(rule.when, values)), golden.otherwise)
    return Answer(
        decision=values["decision"],
        outputs={place: evaluate(expression, values) for place, expression in golden.outputs.items()},
        effects=[[e.service, e.operation, str(evaluate(e.key, values))] for e in golden.effects if evaluate(e.when, values)],
    )
