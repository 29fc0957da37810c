"""A chat model that says what it was given to say: for pipelines without a key, and for tests."""

from collections.abc import Callable, Sequence

from components.llm.chat import Completion, Message, OnText
from components.llm.errors import ChatError, ChatUnavailable

Line = str | Completion | ChatError | Callable[[Sequence[Message]], str]
"""What is said, an error that is raised, or a function of what was asked."""


class ScriptedClient:
    """Says its lines one after the other; after the last one it has nothing to say, unless it repeats.

    Args:
        lines: see `Line`; a plain text has no usage, since nobody counted tokens.
        repeat: begin again after the last line.
        piece: characters of one piece of a stream.
    """

    model = "scripted"

    def __init__(self, *lines: Line, repeat: bool = False, piece: int = 8) -> None:
        self._lines, self._repeat, self._piece = lines, repeat, piece
        self.asked: list[tuple[Message, ...]] = []

    async def complete(self, messages: Sequence[Message], *, on_text: OnText | None = None) -> Completion:
        """See `ChatClient`."""
        number = len(self.asked)
        self.asked.append(tuple(messages))
        if not self._lines or (number >= len(self._lines) and not self._repeat):
            raise ChatUnavailable(f"scripted: no line is left for call {number + 1}")
        said = self._said(self._lines[number % len(self._lines)], messages)
        await handed_on(said.text, on_text, self._piece)
        return said

    def _said(self, line: Line, messages: Sequence[Message]) -> Completion:
        match line:
            case ChatError():
                raise line
            case Completion():
                return line
            case str():
                return Completion(line, self.model, "stop")
            case _:
                return Completion(line(messages), self.model, "stop")


async def handed_on(text: str, on_text: OnText | None, piece: int) -> None:
    """Hand a text on in pieces of so many characters."""
    if on_text is not None:
        for start in range(0, len(text), piece):
            await on_text(text[start : start + piece])


def echo(messages: Sequence[Message]) -> str:
    """The last message said again."""
    return messages[-1].content if messages else ""
