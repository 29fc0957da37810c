"""The closed set of things that a stage of the roadmap can do. Expressions are in the language of `agent.workload.expressions`."""

from typing import Annotated, Literal

from pydantic import Field

from agent.core.record import Record

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class Rule(Record):
    """First rule whose `when` is true decides."""

    when: str
    decision: str


class Validate(Record):
    """Refuse records that break the field rules, have an unknown tenant, or contain a forbidden phrase in a text."""

    op: Literal["validate"]
    forbid: tuple[str, ...] = ()


class Lookup(Record):
    """Fetch a row of the tenant; refuse when there is none."""

    op: Literal["lookup"]
    service: str
    key: str
    into: Name


class Compute(Record):
    """Named expressions, in order."""

    op: Literal["compute"]
    values: dict[Name, str]


class Decide(Record):
    """A decision by thresholds."""

    op: Literal["decide"]
    rules: tuple[Rule, ...]
    otherwise: str
    into: Name = "decision"


class Redact(Record):
    """Replace personal data in a text."""

    op: Literal["redact"]
    text: str
    into: Name
    patterns: tuple[Literal["email", "phone", "card", "national_id"], ...]


class Screen(Record):
    """Refuse when a text contains one of these phrases."""

    op: Literal["screen"]
    text: str
    forbid: tuple[str, ...]


class Ask(Record):
    """Ask the language model mock."""

    op: Literal["ask"]
    service: str
    prompt: str
    into: Name


class Hear(Record):
    """Say a text as sound into a queue and hear it again: the text, when no sound was lost."""

    op: Literal["hear"]
    text: str
    into: Name


class Speak(Record):
    """Say a text as sound through a queue and a buffer; what a listener understands of it."""

    op: Literal["speak"]
    text: str
    into: Name


class Write(Record):
    """Write to a service under an idempotency key, when the condition holds."""

    op: Literal["write"]
    service: str
    operation: Name
    key: str
    payload: dict[Name, str]
    when: str = ""


class Emit(Record):
    """Emit an event to the run's sink, when the condition holds."""

    op: Literal["emit"]
    event: str
    fields: dict[Name, str]
    when: str = ""


Operation = Annotated[
    Validate | Lookup | Compute | Decide | Redact | Screen | Ask | Hear | Speak | Write | Emit,
    Field(discriminator="op"),
]
