"""What a roadmap entry says about its data, services and stages: a closed language, so that a new entry needs no code."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from agent.core.operations import Name, Operation, Rule
from agent.core.record import Record

FieldType = Literal["id", "int", "float", "money", "choice", "text", "timestamp", "bool", "ref"]
EdgeKind = Literal[
    "lowest", "highest", "empty_text", "longest_text", "unicode", "right_to_left", "zero_width", "leap_day", "out_of_order", "duplicate_id"
]
AttackKind = Literal[
    "missing", "null", "wrong_type", "negative", "nan", "infinite", "huge", "bad_id", "unknown_choice", "bad_timestamp",
    "too_long", "unknown_tenant", "cross_tenant", "unknown_key", "injection",
]  # fmt: skip
ServiceKind = Literal["database", "api", "llm", "cache", "queue"]
Kind = Literal["guard", "enrich", "transform", "route", "work", "agent"]
FaultKind = Literal["error", "latency", "timeout", "partial", "cancel", "duplicate"]


class FieldSpec(Record):
    """One field of a record or of a service's rows."""

    name: Name
    type: FieldType
    low: float | None = None
    high: float | None = None
    typical: tuple[float, float] | None = None
    """Where happy values lie, when that is less than what is accepted."""
    choices: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    """As many as choices; even when empty."""
    prefix: str = ""
    """Of an id: `txn` gives `txn-000001`."""
    service: str = ""
    """Of a ref: the service whose key it holds."""
    samples: tuple[str, ...] = ()
    """Of a text: what it is chosen from."""
    longest: int = 200
    """Of a text: most characters that are accepted."""
    unit: str = ""

    @model_validator(mode="after")
    def complete(self) -> "FieldSpec":
        """Each type has what it needs."""
        needs = {"int": "low", "float": "low", "money": "low", "choice": "choices", "text": "samples", "id": "prefix", "ref": "service"}
        wanted = needs.get(self.type)
        if wanted and getattr(self, wanted) in (None, (), ""):
            raise ValueError(f"a field of type {self.type} needs {wanted!r}")
        if wanted == "low" and (self.high is None or self.low is None or self.high < self.low):
            raise ValueError(f"a field of type {self.type} needs low <= high")
        if self.weights and len(self.weights) != len(self.choices):
            raise ValueError("weights and choices differ in number")
        return self


class Edge(Record):
    """Unusual but valid variants of happy records."""

    kind: EdgeKind
    field: str = ""
    count: int = 1


class Attack(Record):
    """Malformed or malicious variants of happy records."""

    kind: AttackKind
    field: str = ""
    count: int = 1


class Reply(Record):
    """A language model mock's answer to prompts that contain one of these phrases."""

    contains: tuple[str, ...]
    reply: str


class Service(Record):
    """A mocked dependency."""

    name: Name
    kind: ServiceKind
    purpose: str
    latency_ms: tuple[float, float]
    key: str = ""
    """Field of its rows that identifies them; empty when it has none."""
    rows: int = 0
    """Rows per tenant."""
    fields: tuple[FieldSpec, ...] = ()
    replies: tuple[Reply, ...] = ()
    otherwise: str = ""
    obeys: tuple[Reply, ...] = ()
    """What a gullible model does when an instruction in the text reaches it."""


class Copies(Record):
    """A stage many times: side by side, or one after the other. Expressions know `index`."""

    count: int = Field(ge=2, le=400)
    arranged: Literal["wide", "chain"]


class Stage(Record):
    """One stage of the pipeline."""

    name: Name
    kind: Kind
    purpose: str
    after: tuple[str, ...] = ()
    does: Operation
    copies: Copies | None = None


class Row(Record):
    """A row that the golden rule may use."""

    service: str
    key: str


class GoldenEffect(Record):
    """A write that must have happened once when the decision is made."""

    service: str
    operation: str
    key: str
    when: str = "True"


class Golden(Record):
    """The right answer, stated over the record and the reference rows; evaluated without the pipeline."""

    rows: dict[Name, Row] = Field(default_factory=dict)
    values: dict[Name, str] = Field(default_factory=dict)
    decide: tuple[Rule, ...]
    otherwise: str
    outputs: dict[str, str] = Field(default_factory=dict)
    """`stage.output` to the expression it must equal; tolerance 1e-9 for floats."""
    effects: tuple[GoldenEffect, ...]
    positive: tuple[str, ...]
    """Decisions that count as positive for precision and recall."""


class Load(Record):
    """How much arrives; 1x is a hundredth of the target."""

    target_per_second: float
    unit: str
    ramp: tuple[float, ...] = (1.0, 10.0, 100.0)
    seconds_per_step: float = 1.5
    in_flight: int = 200
    arrivals: Literal["poisson", "uniform"] = "poisson"


class FaultSpec(Record):
    """A fault of the environment: every nth request, or a share of them."""

    kind: FaultKind
    service: str = ""
    stage: str = ""
    rate: float = 0.0
    nth: tuple[int, ...] = ()
    milliseconds: float = 0.0


RESERVED = {"ledger", "faults", "stored"}
"""What the generated services have besides the services themselves."""


def listed(value: object) -> object:
    """A single name where a list is expected."""
    return (value,) if isinstance(value, str) else value


class Workload(Record):
    """Everything that is generated from."""

    happy_records: int = Field(ge=10, le=1000)
    tenants: Annotated[tuple[str, ...], BeforeValidator(listed), Field(min_length=2)]
    fields: tuple[FieldSpec, ...]
    services: tuple[Service, ...]
    stages: tuple[Stage, ...]
    decision: str
    """`stage.output` that holds the decision."""
    golden: Golden
    edge_cases: tuple[Edge, ...]
    adversarial: tuple[Attack, ...]
    load: Load
    faults: tuple[FaultSpec, ...]
    stage_timeout_ms: int = 400
    retry_attempts: int = 3

    def service(self, name: str) -> Service:
        """The service of that name."""
        return next(s for s in self.services if s.name == name)

    def field(self, name: str) -> FieldSpec:
        """The record field of that name."""
        return next(f for f in self.fields if f.name == name)

    @property
    def id_field(self) -> str:
        """Name of the field that identifies a record."""
        return next(f.name for f in self.fields if f.type == "id")

    @model_validator(mode="after")
    def consistent(self) -> "Workload":
        """Every name that is used is there."""
        services = {s.name for s in self.services}
        if len(services) < len(self.services) or services & RESERVED:
            raise ValueError(f"services need names of their own, none of {sorted(RESERVED)}")
        fields = {f.name for f in self.fields}
        seen: set[str] = set()
        for stage in self.stages:
            if unknown := set(stage.after) - seen:
                raise ValueError(f"stage {stage.name!r} comes after {sorted(unknown)}, which are not declared before it")
            if stage.name in seen or re.search(r"_\d\d\d$", stage.name):
                raise ValueError(f"stage name {stage.name!r} is taken or looks like a numbered copy")
            seen.add(stage.name)
            used = getattr(stage.does, "service", None)
            if used and used not in services:
                raise ValueError(f"stage {stage.name!r} uses the unknown service {used!r}")
        for kind, name in [(v.kind, v.field) for v in self.edge_cases] + [(v.kind, v.field) for v in self.adversarial]:
            if name and name not in fields:
                raise ValueError(f"{kind!r} names the unknown field {name!r}")
        for fault in self.faults:
            if fault.service not in services | {""} or fault.stage not in seen | {""} or bool(fault.service) == bool(fault.stage):
                raise ValueError(f"fault {fault.kind!r} must name one known service or one known stage")
        if "id" not in {f.type for f in self.fields} or self.decision.split(".")[0] not in seen:
            raise ValueError("a record needs an id field, and `decision` must be `stage.output`")
        return self
