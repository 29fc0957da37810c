"""What is said to a chat model and what it answers; one seam, so that a stage need not know who answers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

OnText = Callable[[str], Awaitable[None]]
"""Takes each piece of an answer as it arrives."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them."""

    prompt_tokens: int
    completion_tokens: int

    @property
    def total_tokens(self) -> int:
        """Both together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer.

    Attributes:
        text: what was said.
        model: who said it, in the provider's words.
        finish: why it ended, in the provider's words (`stop`, `length`); None: it did not say.
        usage: None: the provider did not count. Nothing here is guessed from characters.
        attempts: calls that were made for it, the last one included.
    """

    text: str
    model: str
    finish: str | None = None
    usage: Usage | None = None
    attempts: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As plain data, for a stage's output or a recording."""
        return asdict(self)

    @classmethod
    def from_dict(cls, row: dict[str, Any]) -> "Completion":
        """The opposite of `to_dict`."""
        return cls(**{**row, "usage": Usage(**row["usage"]) if row["usage"] else None})


class ChatClient(Protocol):
    """Whoever answers: Groq, a script, a recording, a model on this machine."""

    async def complete(self, messages: Sequence[Message], *, on_text: OnText | None = None) -> Completion:
        """One answer; with `on_text` it is streamed, and what `on_text` took, joined, is the answer's text.

        Raises:
            ChatError: there is none; its kind says what helps.
        """
        ...
