"""Any endpoint that speaks the OpenAI chat format: Ollama, vLLM, llama.cpp, OpenRouter.

The decision's name travels in the standard field `user`, which servers that do not use it ignore.
"""

from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import SecretStr

from agent.core.chat import Reply, Request
from agent.core.errors import ModelRefused, ModelUnavailable
from agent.core.settings import Settings
from agent.models.replies import reply_of
from agent.models.wire import within


@dataclass
class OpenAICompatibleModel:
    """One model of one endpoint.

    Attributes:
        constrains: whether JSON schemas are sent; an endpoint that refuses one is not sent another.
    """

    base_url: str | None
    key: SecretStr | None
    name: str
    provider: str = "openai_compatible"
    constrains: bool = field(default=True)

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """One call; see `ChatModel`."""
        base_url = self.base_url
        if not base_url or not base_url.startswith(("http://", "https://")):
            raise ModelRefused(f"{self.provider}: no base URL", hint="Set OPENAI_BASE_URL to the endpoint's root, `/v1` included.")
        body = self._body(request)
        response = within(seconds, base_url, lambda client: self._post(client, base_url, body))
        if response.status_code in {400, 422} and "response_format" in body and _about_schemas(response.text):
            self.constrains = False
            raise ModelUnavailable(f"{self.provider}: the endpoint takes no JSON schema and is asked without from now on")
        return reply_of(response, self.name, (self.key,))

    def _post(self, client: httpx.Client, base_url: str, body: dict[str, Any]) -> httpx.Response:
        headers = {} if self.key is None else {"authorization": f"Bearer {self.key.get_secret_value()}"}
        try:
            return client.post(f"{base_url.rstrip('/')}/chat/completions", json=body, headers=headers)
        except (httpx.InvalidURL, ValueError) as error:  # ValueError: a key that no header can hold
            why = f"{self.provider}: the request cannot be sent: {type(error).__name__}"
            raise ModelRefused(why, hint="Check key and base URL.") from None

    def _body(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self.name,
            "messages": [message.model_dump() for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "user": request.name,
        }
        if request.answer_schema is not None and self.constrains:
            schema = {"name": request.name, "schema": request.answer_schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body


def connect(settings: Settings) -> OpenAICompatibleModel:
    """The endpoint and model of the settings."""
    return OpenAICompatibleModel(settings.openai_base_url, settings.openai_key, settings.model)


def _about_schemas(text: str) -> bool:
    return any(word in text[:4000] for word in ("response_format", "json_schema"))
