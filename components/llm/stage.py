"""A chat model as a Stageflow stage."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from stageflow import StageContext, StageKind, StageOutput

from components.llm.chat import ChatClient, Message, OnText
from components.llm.errors import ChatError

Messages = Callable[[StageContext], Sequence[Message]]
EVENT = "llm.answered"


class GroqChatStage:
    """Asks a chat model and gives its answer as `{"text", "model", "finish", "usage", "attempts"}`; `usage` is None when nobody counted.

    An answer that cannot be had fails the stage; its output then holds `{"error_kind", "transient", "retry_after", "heard"}`, so that
    a pipeline or interceptor can tell a wrong key from a rate limit. Whatever cancels the stage ends the call.

    Args:
        client: who answers; `GroqClient()` with settings from the environment when left out, made at the first run.
        system: what the model is told to be.
        messages: what is asked; the run's earlier messages and its input text when left out.
        text_from: stage and key of the text to answer instead of the run's input text.
        on_text: takes each piece of the answer as it arrives; the port `send_token` of the run when left out and there is one.
    """

    name = "groq_chat"
    kind = StageKind.AGENT

    def __init__(
        self,
        client: ChatClient | None = None,
        *,
        system: str = "",
        messages: Messages | None = None,
        text_from: tuple[str, str] | None = None,
        on_text: OnText | None = None,
    ) -> None:
        self._client, self._system, self._messages = client, system, messages
        self._text_from, self._on_text = text_from, on_text

    async def execute(self, ctx: StageContext) -> StageOutput:
        """Ask, and hand the answer on."""
        asked = [Message("system", self._system)] if self._system else []
        asked += self._messages(ctx) if self._messages else self._conversation(ctx)
        try:
            said = await self._answering().complete(asked, on_text=self._on_text or token_port(ctx))
        except ChatError as error:
            told = {"error_kind": type(error).__name__, "transient": error.transient}
            return StageOutput.fail(error=str(error), data={**told, "retry_after": error.retry_after, "heard": error.heard})
        row = said.to_dict()
        ctx.try_emit_event(EVENT, {key: row[key] for key in ("model", "finish", "usage", "attempts")})
        return StageOutput.ok(row)

    def _answering(self) -> ChatClient:
        if self._client is None:
            from components.llm.client import GroqClient  # scripts and recordings need neither SDK nor key

            self._client = GroqClient()
        return self._client

    def _conversation(self, ctx: StageContext) -> list[Message]:
        """Earlier messages of the run, then its input or the text of another stage."""
        earlier = [Message(row.role, row.content) for row in ctx.snapshot.messages if row.role in ("system", "user", "assistant")]
        text = ctx.inputs.require_from(*self._text_from) if self._text_from else ctx.snapshot.input_text
        return [*earlier, Message("user", str(text or ""))]


def token_port(ctx: StageContext) -> Callable[[str], Awaitable[Any]] | None:
    """The run's port that takes pieces of an answer; None when it has none."""
    ports: Any = ctx.inputs.ports
    return getattr(ports, "send_token", None)
