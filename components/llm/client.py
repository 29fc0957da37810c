"""Groq's chat models through its SDK, asynchronous: deadlines, retries that heed Retry-After, streaming, usage as it was counted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import groq
import httpx
import tenacity

from components.llm.chat import Completion, Message, OnText, Usage
from components.llm.errors import ChatError, ChatMalformed, ChatTimeout, ChatUnavailable
from components.llm.refusals import refusal
from components.llm.settings import GroqSettings

LONGEST = 400_000
"""Characters of an answer at most; a stream that goes on is cut off."""


class GroqClient:
    """Answers of Groq, or of any server that speaks its format.

    Args:
        settings: see `GroqSettings`; from the environment when left out.
        transport: carries the HTTP requests instead of the network; for tests.
    """

    def __init__(self, settings: GroqSettings | None = None, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings or GroqSettings.from_environment()
        self._transport = transport

    async def complete(self, messages: Sequence[Message], *, on_text: OnText | None = None) -> Completion:
        """See `ChatClient`. A stream that broke off after its first words is not asked for again: they would be said twice."""
        async for attempt in tenacity.AsyncRetrying(
            stop=self._enough,
            wait=self._wait,
            retry=tenacity.retry_if_exception(may_be_repeated),
            sleep=asyncio.sleep,
            reraise=True,
        ):
            with attempt:
                return await self._once(messages, on_text, attempt.retry_state.attempt_number)
        raise AssertionError("tenacity returns or raises")

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        """No attempt is left, or the provider wants more time than there is."""
        return state.attempt_number >= self._settings.attempts or (asked_to_wait(state) or 0.0) > self._settings.longest_wait

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """What the provider asked for, else exponential with jitter."""
        asked = asked_to_wait(state)
        backoff = tenacity.wait_exponential_jitter(multiplier=0.5, max=self._settings.longest_wait)
        return min(backoff(state), self._settings.longest_wait) if asked is None else asked

    async def _once(self, messages: Sequence[Message], on_text: OnText | None, number: int) -> Completion:
        heard: list[str] = []
        try:
            async with asyncio.timeout(self._settings.seconds), self._connected() as client:
                if on_text is not None and self._settings.streams:
                    return await self._streamed(client, messages, on_text, heard, number)
                said = whole(await client.chat.completions.create(**self._body(messages)), number)
        except (groq.GroqError, httpx.HTTPError, httpx.StreamError, TimeoutError, ValueError, TypeError, AttributeError) as error:
            raise self._told(error, "".join(heard)) from None
        except ChatError as error:
            error.heard = "".join(heard)
            raise
        if on_text is not None:
            await on_text(said.text)
        return said

    async def _streamed(
        self, client: groq.AsyncGroq, messages: Sequence[Message], on_text: OnText, heard: list[str], number: int
    ) -> Completion:
        model, finish, usage, size = self._settings.model, None, None, 0
        stream = await client.chat.completions.create(stream=True, **self._body(messages))
        async with stream:
            async for chunk in stream:
                if chunk.x_groq and chunk.x_groq.error:
                    raise ChatUnavailable(f"groq: the stream broke off: {self._shown(chunk.x_groq.error)}")
                usage = counted(chunk.usage or (chunk.x_groq and chunk.x_groq.usage)) or usage
                model = chunk.model or model
                for choice in chunk.choices[:1]:
                    finish = choice.finish_reason or finish
                    if piece := choice.delta.content:
                        size += len(piece)
                        if size > LONGEST:
                            raise ChatMalformed(f"groq: an answer of more than {LONGEST} characters")
                        heard.append(piece)
                        await on_text(piece)
        if finish is None:
            raise ChatUnavailable("groq: the stream ended before the answer did")
        return Completion("".join(heard), model, finish, usage, number)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[groq.AsyncGroq]:
        """A connection of this call alone: clients are used from more than one event loop."""
        settings = self._settings
        async with httpx.AsyncClient(transport=self._transport, timeout=settings.seconds, follow_redirects=False) as http:
            yield groq.AsyncGroq(
                api_key=settings.api_key, base_url=settings.base_url.rstrip("/"), max_retries=0, timeout=settings.seconds, http_client=http
            )

    def _body(self, messages: Sequence[Message]) -> dict[str, Any]:
        """The request; messages pass as `extra_body`, which the SDK does not walk through at 0.5 ms a message."""
        settings = self._settings
        return {
            "model": settings.model,
            "messages": [],
            "max_completion_tokens": settings.max_tokens,
            "temperature": settings.temperature,
            "extra_body": {"messages": [{"role": message.role, "content": message.content} for message in messages]},
        }

    def _told(self, error: Exception, heard: str) -> ChatError:
        """The error of this package that one of the SDK's comes to."""
        told: ChatError
        match error:
            case groq.APIStatusError():
                told = refusal(error.response.status_code, error.response.headers, self._shown(error.message))
            case TimeoutError() | groq.APITimeoutError() | httpx.TimeoutException():
                told = ChatTimeout(f"groq: no whole answer within {self._settings.seconds:g} s")
            case groq.APIConnectionError() | httpx.HTTPError() | httpx.StreamError():
                told = ChatUnavailable(f"groq: the connection failed: {self._shown(str(error.__cause__ or error))}")
            case groq.APIError():
                told = ChatUnavailable(f"groq: the stream broke off: {self._shown(error.message)}")
            case _:
                told = ChatMalformed(f"groq: the answer is not of the chat format: {type(error).__name__}")
        told.heard = heard
        return told

    def _shown(self, text: str) -> str:
        """One line without the key."""
        return " ".join(text.split())[:300].replace(self._settings.api_key, "***")


def whole(answer: Any, number: int) -> Completion:
    """An answer that came at once."""
    choice = answer.choices[0] if answer.choices else None
    if choice is None or not isinstance(choice.message.content, str):
        raise ChatMalformed("groq: an answer without text")
    return Completion(choice.message.content, answer.model, choice.finish_reason, counted(answer.usage), number)


def counted(usage: Any) -> Usage | None:
    """The provider's own count; None when it made none."""
    prompt, completion = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    return Usage(prompt, completion) if isinstance(prompt, int) and isinstance(completion, int) else None


def may_be_repeated(error: BaseException) -> bool:
    """Transient, and nothing was handed on yet."""
    return isinstance(error, ChatError) and error.transient and not error.heard


def asked_to_wait(state: tenacity.RetryCallState) -> float | None:
    """Seconds that the provider wants to pass before the next call."""
    error = state.outcome.exception() if state.outcome else None
    return error.retry_after if isinstance(error, ChatError) else None
