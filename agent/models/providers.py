"""From the settings to the chain of models that a mission asks."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from agent.core.chat import ChatModel
from agent.core.errors import UsageError
from agent.core.settings import Settings
from agent.models import cassette, local, openai_compatible, scripted


def _groq(settings: Settings) -> tuple[ChatModel, ...]:
    from agent.models import groq  # the SDK takes most of a second to import

    return (groq.connect(settings),)


PROVIDERS: Mapping[str, Callable[[Settings], tuple[ChatModel, ...]]] = MappingProxyType(
    {
        "groq": _groq,
        "openai_compatible": lambda settings: (openai_compatible.connect(settings),),
        "local": lambda settings: (local.connect(settings),),
        "scripted": lambda settings: (scripted.connect(settings),),
        "cassette": cassette.connect,
    }
)
"""Every provider by name; a recording holds the whole chain that was recorded."""


FILED = frozenset({"scripted", "cassette"})
"""Providers that are a file."""


def connect(settings: Settings, *, record: Path | None = None) -> tuple[ChatModel, ...]:
    """The models of `settings.providers` in that order, each recorded to `record` if it is given.

    Groq is asked for its list of models; nothing else is sent.

    Raises:
        UsageError: there is no such provider, or a file that it needs is missing or malformed.
    """
    validate(settings)
    models = tuple(model for name in settings.providers for model in PROVIDERS[name](settings))
    if record is None:
        return models
    secrets = (settings.groq_key, settings.openai_key)
    return tuple(cassette.Recorder(model, record, secrets) for model in models)


def validate(settings: Settings) -> None:
    """See without a network whether the chain can be had.

    Raises:
        UsageError: there is no such provider, or a file that it needs is missing or malformed.
    """
    if unknown := [name for name in settings.providers if name not in PROVIDERS]:
        raise UsageError(f"there is no provider {unknown[0]!r}", hint=f"Known are: {', '.join(PROVIDERS)}.")
    for name in FILED.intersection(settings.providers):
        PROVIDERS[name](settings)


def notices(models: Iterable[ChatModel]) -> tuple[str, ...]:
    """What whoever watches should know about the chain, such as a retired model's successor."""
    return tuple(notice for model in models for notice in getattr(model, "notices", ()))
