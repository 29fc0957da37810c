"""What a chat model is asked and answers, whoever provides it; the seam between decisions and providers."""

from typing import Any, Literal, Protocol

from pydantic import Field

from agent.core.record import Record


class Message(Record):
    """One turn."""

    role: Literal["system", "user", "assistant"]
    content: str


class Request(Record):
    """One call, as every provider understands it."""

    messages: tuple[Message, ...]
    max_tokens: int
    """Of the answer, reasoning included."""
    temperature: float = 0.2
    answer_schema: dict[str, Any] | None = None
    """JSON schema that the answer must satisfy; providers that can constrain decoding do so, the others leave it to the prompt."""
    name: str = "answer"
    """Short name of what is asked for: letters, digits, underscores."""


class Usage(Record):
    """Tokens as the provider counted them; never estimated."""

    prompt: int
    answer: int
    """Reasoning included."""


class Reply(Record):
    """What came back."""

    text: str
    finish: Literal["stop", "length", "filter", "other"]
    """`length`: cut at the token limit, so an answer that does not parse is truncated and not wrong."""
    usage: Usage | None
    """None when the provider did not say."""
    model: str
    """As the provider named it."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Rate-limit headers of the response, lower case; nothing else."""


class ChatModel(Protocol):
    """A model behind a provider. A call is one request on the wire: no retries, no sleeping, no fallback inside."""

    @property
    def provider(self) -> str:
        """`groq`, `openai_compatible`, `local`, `scripted`, `cassette`."""

    @property
    def name(self) -> str:
        """The model asked for, retired names already mapped to their successor."""

    @property
    def constrains(self) -> bool:
        """Whether it can be held to a JSON schema while decoding."""

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """Answer, within `seconds` of real time.

        Raises:
            ModelError: in one of its kinds, see `agent.core.errors`.
        """
