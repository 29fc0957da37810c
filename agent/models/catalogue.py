"""What is known about models: context, retirement, reasoning, prices, limits, and where weights are; `models.yaml` is the data."""

import functools
from datetime import date
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, JsonValue

from agent.core.chat import Usage
from agent.core.record import Record

DATA = Path(__file__).with_name("models.yaml")


class Price(Record):
    """US dollars for a million tokens; `as_of` is None when the source is undated."""

    prompt: float = Field(ge=0)
    answer: float = Field(ge=0)
    as_of: date | None = None
    source: str


class Limits(Record):
    """What the provider's smallest plan allows; `as_of` is None when the source is undated."""

    requests_per_minute: int
    requests_per_day: int
    tokens_per_minute: int
    tokens_per_day: int
    as_of: date | None = None
    source: str


class KnownModel(Record):
    """One model by the name that its provider gave it."""

    name: str
    context: int | None = None
    """Tokens of prompt and answer together."""
    retired: date | None = None
    successor: str | None = None
    """What to ask instead once it is retired."""
    retirement_note: str = ""
    reasoning: bool = False
    answer_factor: float = Field(default=1.0, ge=1.0)
    """How much larger an answer's budget must be because reasoning is counted as answer."""
    schema_support: Literal["strict", "best_effort", "none"] = Field(default="none", alias="schema")
    """Whether its provider holds it to a JSON schema: token by token, by checking afterwards, or not at all."""
    parameters: dict[str, JsonValue] = Field(default_factory=dict)
    """Sent with every request to it."""
    price: Price | None = None
    """None: unknown, which is not free."""
    limits: Limits | None = None


class Weights(Record):
    """A model's weights, spread over the files of one or several packages."""

    name: str
    requirement: str
    """What to install."""
    packages: str
    """Import name; `{}` stands for the number of the part."""
    parts: int = Field(ge=1)
    pattern: str
    """Of the file inside each package."""
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    """Of the joined file, as its maker published it."""
    context: int


class Catalogue(Record):
    """All that is known."""

    models: tuple[KnownModel, ...]
    weights: tuple[Weights, ...]
    """Strongest first."""


@functools.cache
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return Catalogue.model_validate(yaml.safe_load(DATA.read_text(encoding="utf-8")))


def known(name: str) -> KnownModel | None:
    """The model of that exact name."""
    return next((model for model in catalogue().models if model.name == name), None)


def cost(name: str, usage: Usage | None) -> float | None:
    """US dollars of a call; None when the price or the usage is unknown."""
    model = known(name)
    if model is None or model.price is None or usage is None:
        return None
    return (usage.prompt * model.price.prompt + usage.answer * model.price.answer) / 1_000_000


def answer_factor(name: str) -> float:
    """How much larger that model's answer budgets must be; providers send a request's `max_tokens` as it is."""
    model = known(name)
    return 1.0 if model is None else model.answer_factor


def successor(name: str) -> KnownModel | None:
    """The last of the models that replaced `name`; None when it is not retired."""
    seen, model = {name}, known(name)
    while model is not None and model.successor is not None and model.successor not in seen:
        seen.add(model.successor)
        model = known(model.successor) or KnownModel(name=model.successor)
    return model if model is not None and model.name != name else None
