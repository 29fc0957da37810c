"""Groq's hosted models through its SDK.

The decision's name travels in the field `user`, the one free text that Groq's API takes beside the messages (`metadata` is
documented as unsupported); nothing about a person is in it.
"""

from dataclasses import dataclass
from typing import Any, cast

import groq
import httpx
from pydantic import SecretStr

from agent.core.chat import Reply, Request
from agent.core.errors import ModelError, ModelRefused, ModelUnavailable
from agent.core.settings import Settings
from agent.models.catalogue import KnownModel, known, successor
from agent.models.replies import reply_of
from agent.models.schemas import strict_form
from agent.models.wire import within

BASE_URL = "https://api.groq.com"
LIST_SECONDS = 10.0
"""For the model list, asked once at the start."""


@dataclass(frozen=True)
class GroqModel:
    """One model of Groq's; `notices` are sentences for whoever watches."""

    key: SecretStr | None
    base_url: str
    name: str
    notices: tuple[str, ...] = ()
    provider: str = "groq"

    @property
    def constrains(self) -> bool:
        """Whether Groq holds this model to a JSON schema."""
        return _profile(self.name).schema_support != "none"

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """One call; see `ChatModel`."""
        body = _body(self.name, request)  # as it is on the wire: to look through its fields takes the SDK longer than the rest of a call
        response = _ask(self, seconds, lambda client: _sent(client, self.name, body))
        return reply_of(response, self.name, (self.key,))

    def listed(self) -> frozenset[str]:
        """Names of the models that Groq serves to this key.

        Raises:
            ModelError: the list cannot be had.
        """
        response = _ask(self, LIST_SECONDS, lambda client: client.models.with_raw_response.list().http_response)
        try:
            return frozenset(str(entry["id"]) for entry in response.json()["data"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ModelUnavailable("the model list is not a list of models") from None


def _sent(client: groq.Groq, name: str, body: dict[str, Any]) -> httpx.Response:
    return client.chat.completions.with_raw_response.create(model=name, messages=[], extra_body=body).http_response


def connect(settings: Settings) -> GroqModel:
    """Groq with the model of the settings, or with that model's successor when Groq no longer serves it."""
    base_url = (settings.groq_base_url or BASE_URL).rstrip("/").removesuffix("/v1").removesuffix("/openai")
    model = GroqModel(settings.groq_key, base_url, settings.model)
    if model.key is None:
        return model
    try:
        listed = model.listed()
    except ModelError as error:
        return _named(model, None, f"groq: the model list could not be read ({error})")
    return model if model.name in listed else _named(model, listed, f"groq: {model.name} is not among the models served to this key")


def _named(model: GroqModel, listed: frozenset[str] | None, reason: str) -> GroqModel:
    """`model` under its successor's name if it has one that is served, with a notice that says so."""
    heir = successor(model.name)
    name = heir.name if heir is not None and (listed is None or heir.name in listed) else model.name
    gone = _profile(model.name)
    since = f" (retired on {gone.retired}: {gone.retirement_note})" if gone.retired else ""
    return GroqModel(model.key, model.base_url, name, (f"{reason}{since}; {name} is asked",))


def _profile(name: str) -> KnownModel:
    return known(name) or KnownModel(name=name)


def _body(name: str, request: Request) -> dict[str, Any]:
    """The request on the wire, with what the catalogue knows about the model."""
    profile = _profile(name)
    body: dict[str, Any] = {
        "model": name,
        "messages": [message.model_dump() for message in request.messages],
        "max_completion_tokens": request.max_tokens,
        "temperature": request.temperature,
        "user": request.name,
    } | profile.parameters
    if request.answer_schema is not None and profile.schema_support != "none":
        strict = strict_form(request.answer_schema) if profile.schema_support == "strict" else None
        schema = {"name": request.name, "schema": strict or request.answer_schema, "strict": strict is not None}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _ask(model: GroqModel, seconds: float, call: Any) -> httpx.Response:
    """The raw response of one SDK call, whatever its status."""
    if model.key is None:
        raise ModelRefused("groq: no key", hint="Set GROQ_API_KEY.")
    key = model.key.get_secret_value()

    def exchange(http: httpx.Client) -> httpx.Response:
        client = groq.Groq(api_key=key, base_url=model.base_url, max_retries=0, timeout=seconds, http_client=http)
        try:
            return cast(httpx.Response, call(client))
        except groq.APIStatusError as error:
            return error.response
        except groq.APIConnectionError as error:
            if error.__cause__ is not None:
                raise error.__cause__ from None
            raise ModelUnavailable(f"the connection failed: {error}") from None
        except (groq.GroqError, httpx.InvalidURL, ValueError) as error:
            raise ModelRefused(f"groq: the request cannot be sent: {type(error).__name__}", hint="Check key and base URL.") from None

    return within(seconds, model.base_url, exchange)
