"""How Groq is asked: values that a person sets, with the owner's model as default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from components.llm.errors import ChatRefused

LLAMA = "llama-3.1-8b-instant"
"""Groq withdrew it for free and developer keys in August 2026 and names openai/gpt-oss-20b as its successor."""
BASE_URL = "https://api.groq.com"


@dataclass(frozen=True)
class GroqSettings:
    """Settings of one client.

    Attributes:
        api_key: never shown, also not by `repr`.
        model: by the provider's name.
        base_url: of the server, without `/openai/v1`; any server that speaks Groq's chat format.
        max_tokens: of an answer.
        temperature: 0 to 2.
        seconds: for one attempt, from the request to the last piece of the answer.
        attempts: calls for one answer at most; only what is transient is tried again.
        longest_wait: seconds between two attempts at most; a provider that wants more gets no further call.
        streams: False for a server that answers at once only; its answer is handed on in one piece.
    """

    api_key: str = field(repr=False)
    model: str = LLAMA
    base_url: str = BASE_URL
    max_tokens: int = 1024
    temperature: float = 0.0
    seconds: float = 30.0
    attempts: int = 4
    longest_wait: float = 20.0
    streams: bool = True

    def __post_init__(self) -> None:
        if not self.api_key.strip():
            raise ChatRefused("groq: no key; set GROQ_API_KEY, or GROQ_API_KEY_FILE to the path of a file that holds it")
        if self.attempts < 1 or self.seconds <= 0 or self.longest_wait < 0 or self.max_tokens < 1:
            raise ValueError("attempts and max_tokens are at least 1, seconds above 0, longest_wait at least 0")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "GroqSettings":
        """From GROQ_API_KEY or GROQ_API_KEY_FILE, GROQ_MODEL and GROQ_BASE_URL.

        Raises:
            ChatRefused: there is no key.
        """
        given = os.environ if environ is None else environ
        key, file = given.get("GROQ_API_KEY", ""), given.get("GROQ_API_KEY_FILE", "")
        try:
            key = key or (Path(file).read_text(encoding="utf-8").strip() if file else "")
        except OSError as error:
            raise ChatRefused(f"groq: the file that GROQ_API_KEY_FILE names cannot be read: {error.strerror}") from None
        return cls(key, given.get("GROQ_MODEL") or LLAMA, given.get("GROQ_BASE_URL") or BASE_URL)
