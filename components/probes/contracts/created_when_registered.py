"""A contract's created_at is the time of its registration."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from components.lab.probe import Case, Probe, expect, need
from components.lab.record_kit import promised

PROBE = Probe(
    title="ContractMetadata.created_at is the time stageflow was imported, the same for all contracts",
    claim="A contract registered now was created now: created_at is not before the call of register().",
    source="invariant:order",
    component="stageflow.contracts.ContractMetadata",
    subsystem="contracts",
    category="silent_failures",
    type="silent_failure",
    consequence="wrong_result",
    silent=True,
    default_setup=True,
    impact="Contract versions cannot be ordered or audited by age: all carry one and the same time.",
    recommendation="Use field(default_factory=lambda: datetime.now(UTC)); `= datetime.now(UTC)` is evaluated once, at import.",
    workaround="Keep the registration time yourself.",
    cause="stageflow.contracts.registry:ContractMetadata",
)

CASES = (Case("one-contract"),)


def cases():
    """The cases; loads the package once, before the runner forks."""
    need("stageflow.contracts"), need("pydantic:create_model")
    return CASES


def check(created_at, before):
    expect(created_at >= before, "created_at at or after the call of register()", "created_at before the call of register()")


@promised
def scenario(params):
    registry = need("stageflow.contracts:ContractRegistry")()
    model = need("pydantic:create_model")("Payload", x=(str, ...))
    before = datetime.now(UTC)
    check(registry.register(stage="s", version="v1", model=model).created_at, before)


@dataclass(frozen=True)
class Entry:
    """Stand-in with a default made for each instance."""

    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def control(params):
    before = datetime.now(UTC)
    check(Entry().created_at, before)
