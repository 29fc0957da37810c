"""Questions to the evidence of a batch of runs; each answers with the list of what is wrong, empty when all is well."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.lab.effects import EffectsLedger
from components.lab.trial import Job, Outcome


@dataclass(frozen=True)
class Evidence:
    """What a batch of runs left behind.

    Attributes:
        outcomes: how the runs ended.
        ledger: what the mocks were asked for.
        stored: what the mocks hold: service to (operation, key) to payload.
    """

    outcomes: Sequence[Outcome]
    ledger: EffectsLedger
    stored: Mapping[str, Mapping[tuple[str, str], Mapping[str, Any]]]


def name(job: Job) -> str:
    """A job in a message."""
    return f"record {job.number}"


def not_ok(evidence: Evidence) -> list[str]:
    """Runs of records that should have passed and did not."""
    return [f"{name(o.job)} ended {o.status}: {o.reason[:120]}" for o in evidence.outcomes if o.status != "ok"]


def decision_of(outcome: Outcome, place: str) -> Any:
    """The decision of a run; `place` is `stage.output`."""
    stage, _, key = place.partition(".")
    return outcome.outputs.get(stage, {}).get(key)


def same(left: Any, right: Any) -> bool:
    """Equality with a tolerance of 1e-9 for floats; a boolean is not a number."""
    if isinstance(left, float) or isinstance(right, float):
        if isinstance(left, bool) or isinstance(right, bool) or not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
            return False
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
    return type(left) is type(right) and bool(left == right)


def wrong_answers(evidence: Evidence, place: str) -> list[str]:
    """Runs whose decision or outputs differ from the golden ones."""
    found = []
    for outcome in evidence.outcomes:
        expected = outcome.job.expected
        if outcome.status != "ok" or expected.get("outcome") != "accepted":
            continue
        if (got := decision_of(outcome, place)) != expected["decision"]:
            found.append(f"{name(outcome.job)}: {place} = {got!r}, golden {expected['decision']!r}")
        for where, value in expected["outputs"].items():
            if not same(got := decision_of(outcome, where), value):
                found.append(f"{name(outcome.job)}: {where} = {got!r}, golden {value!r}")
    return found


def expected_effects(jobs: Sequence[Job]) -> list[tuple[str, str, str]]:
    """Effects that the golden rule asks for; a record that comes twice asks for them once."""
    effects = [tuple(effect) for job in jobs for effect in job.expected.get("effects", ())]
    return [(e[0], e[1], e[2]) for e in dict.fromkeys(effects)]


def wrong_effects(evidence: Evidence) -> list[str]:
    """Effects missing, made twice, or not asked for, over all runs of the batch."""
    wanted = expected_effects([outcome.job for outcome in evidence.outcomes])
    undone = {(e.service, e.operation) for e in evidence.ledger.rows() if e.operation.startswith("undo_")}
    found = [f"{'/'.join(effect)} was never made" for effect in evidence.ledger.missing(wanted)]
    found += [f"{'/'.join(effect)} was made {times} times" for effect, times in evidence.ledger.duplicates().items()]
    found += [f"{'/'.join(effect)} was not asked for" for effect in evidence.ledger.unexpected(wanted) if effect[:2] not in undone]
    return found


def silent_losses(evidence: Evidence) -> list[str]:
    """Runs that ended ok without all their effects: nothing tells the caller."""
    applied = evidence.ledger.applied()
    found = []
    for outcome in evidence.outcomes:
        if outcome.status != "ok":
            continue
        lost = [effect for effect in expected_effects([outcome.job]) if not applied[effect]]
        if lost:
            found.append(f"{name(outcome.job)} ended ok and {'/'.join(lost[0])} was never made")
    return found


def missing_stages(evidence: Evidence, stages: Sequence[str]) -> list[str]:
    """Runs that ended ok without an output of every stage, or with an output of a stage that is not there."""
    found = []
    for outcome in evidence.outcomes:
        if outcome.status == "ok" and set(outcome.outputs) != set(stages):
            odd = sorted(set(outcome.outputs) ^ set(stages))
            found.append(f"{name(outcome.job)} ended ok; outputs differ from the stages in {odd[:3]}")
    return found


def different_outputs(evidence: Evidence, other: Evidence, ignore: Sequence[str] = ()) -> list[str]:
    """Runs that ended differently in two executions of the same jobs."""
    found = []
    for left, right in zip(evidence.outcomes, other.outcomes, strict=True):
        if left.status != right.status:
            found.append(f"{name(left.job)}: {left.status} here, {right.status} there")
            continue
        for stage in sorted(set(left.outputs) | set(right.outputs)):
            if left.status == "ok" and stage not in ignore and not alike(left.outputs.get(stage), right.outputs.get(stage)):
                found.append(f"{name(left.job)}: {stage} gave {left.outputs.get(stage)} here, {right.outputs.get(stage)} there")
    return found


def alike(left: Mapping[str, Any] | None, right: Mapping[str, Any] | None) -> bool:
    """Whether two stage outputs are the same."""
    if left is None or right is None or set(left) != set(right):
        return left is right
    return all(same(left[key], right[key]) for key in left)


def different_state(evidence: Evidence, other: Evidence) -> list[str]:
    """Differences in what the mocks hold after two executions of the same jobs."""
    found = []
    for service in sorted(evidence.stored):
        left, right = evidence.stored[service], other.stored[service]
        for slot in sorted(set(left) | set(right)):
            if not alike(left.get(slot), right.get(slot)):
                found.append(f"{service} holds {left.get(slot)} under {slot}, the control {right.get(slot)}")
    return found


def changed_inputs(evidence: Evidence) -> list[str]:
    """Runs that changed the record they were given."""
    return [f"{name(o.job)} was changed by its run" for o in evidence.outcomes if not o.intact]


def leaks(evidence: Evidence) -> list[str]:
    """Requests in another tenant's name, and outputs that hold another tenant's rows."""
    tenant = {outcome.run: outcome.job.tenant for outcome in evidence.outcomes}
    found = [
        f"a run of {tenant[e.run]} asked {e.service} in the name of {e.tenant}"
        for e in evidence.ledger.rows()
        if e.run in tenant and e.tenant != tenant[e.run]
    ]
    for outcome in evidence.outcomes:
        for stage, data in outcome.outputs.items():
            for key, value in data.items():
                if isinstance(value, dict) and value.get("tenant", outcome.job.tenant) != outcome.job.tenant:
                    found.append(f"{name(outcome.job)} of {outcome.job.tenant}: {stage}.{key} is a row of {value['tenant']}")
    return found


def passed_although_bad(evidence: Evidence) -> list[str]:
    """Records that had to be refused and were not refused but passed or crashed."""
    return [
        f"{name(o.job)} ({o.job.expected.get('why')}) ended {o.status}: {o.reason[:80]}"
        for o in evidence.outcomes
        if o.job.expected.get("outcome") == "rejected" and o.status != "refused"
    ]


def refused_although_good(evidence: Evidence) -> list[str]:
    """Records that had to pass and did not."""
    return [
        f"{name(o.job)} ({o.job.expected.get('why')}) ended {o.status}: {o.reason[:80]}"
        for o in evidence.outcomes
        if o.job.expected.get("outcome") == "accepted" and o.status != "ok"
    ]


def effects_of_refused(evidence: Evidence) -> list[str]:
    """State that was changed for runs that were refused."""
    refused = {outcome.run for outcome in evidence.outcomes if outcome.status == "refused"}
    return [f"{e.service}/{e.operation} was made for a refused run" for e in evidence.ledger.rows(outcome="applied") if e.run in refused]


def scores(evidence: Evidence, place: str, positive: Sequence[str]) -> dict[str, Any]:
    """Accuracy, precision and recall of the decisions against the golden ones."""
    counted: Counter[tuple[bool, bool]] = Counter()
    right = total = 0
    for outcome in evidence.outcomes:
        if outcome.job.expected.get("outcome") != "accepted":
            continue
        total += 1
        got, golden = decision_of(outcome, place), outcome.job.expected["decision"]
        right += outcome.status == "ok" and got == golden
        counted[outcome.status == "ok" and got in positive, golden in positive] += 1
    hits, false, missed = counted[True, True], counted[True, False], counted[False, True]
    return {
        "records": total,
        "accuracy": round(right / total, 4) if total else None,
        "precision": round(hits / (hits + false), 4) if hits + false else None,
        "recall": round(hits / (hits + missed), 4) if hits + missed else None,
        "decisions": dict(Counter(str(decision_of(o, place)) for o in evidence.outcomes)),
    }
