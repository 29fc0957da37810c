"""A recording of chat calls: made while another client answers, or played back without any network."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from components.llm.chat import ChatClient, Completion, Message, OnText
from components.llm.errors import ChatError, ChatMalformed, ChatRefused, ChatTimeout, ChatUnavailable, RateLimited
from components.llm.scripted import handed_on

KINDS = {kind.__name__: kind for kind in (ChatUnavailable, ChatTimeout, RateLimited, ChatRefused, ChatMalformed)}


class RecordingClient:
    """Another client, each of whose answers is appended to a file: one JSON line a call, with neither key nor address.

    Args:
        inner: answers.
        path: of the file; made with its folder when it is not there.
    """

    def __init__(self, inner: ChatClient, path: Path) -> None:
        self._inner, self._path = inner, path

    async def complete(self, messages: Sequence[Message], *, on_text: OnText | None = None) -> Completion:
        """The other client's answer or error; see `ChatClient`."""
        try:
            said = await self._inner.complete(messages, on_text=on_text)
        except ChatError as error:
            told = {"kind": type(error).__name__, "text": str(error), "retry_after": error.retry_after, "heard": error.heard}
            self._append({"key": key_of(messages), "error": told})
            raise
        self._append({"key": key_of(messages), "completion": said.to_dict()})
        return said

    def _append(self, row: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row, ensure_ascii=True) + "\n")


class CassetteClient:
    """Answers as a recording did: the same messages get the same answer, asked again the next one.

    Args:
        path: of the recording.
        piece: characters of one piece of a stream.

    Raises:
        ChatMalformed: the file cannot be read, or is no recording.
    """

    def __init__(self, path: Path, *, piece: int = 8) -> None:
        self._piece = piece
        self._rows: dict[str, list[dict[str, Any]]] = {}
        try:
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._rows.setdefault(row["key"], []).append(row)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ChatMalformed(f"cassette: {path.name} is no recording: {error}") from None

    async def complete(self, messages: Sequence[Message], *, on_text: OnText | None = None) -> Completion:
        """See `ChatClient`."""
        rows = self._rows.get(key_of(messages))
        if not rows:
            raise ChatUnavailable("cassette: this was never asked while it was recorded, or not as often")
        row = rows.pop(0)
        try:
            if "error" in row:
                await handed_on(row["error"]["heard"], on_text, self._piece)
                raise raised(row["error"])
            said = Completion.from_dict(row["completion"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ChatMalformed(f"cassette: a line of another version: {type(error).__name__}") from None
        await handed_on(said.text, on_text, self._piece)
        return said


def key_of(messages: Sequence[Message]) -> str:
    """Identifies what was asked."""
    return hashlib.sha256(json.dumps([[message.role, message.content] for message in messages]).encode()).hexdigest()


def raised(row: dict[str, Any]) -> ChatError:
    """The error that was recorded."""
    error: ChatError = KINDS[row["kind"]](row["text"], retry_after=row["retry_after"])
    error.heard = row["heard"]
    return error
