"""A recording of calls: made while another model answers, or played back alone without any network.

JSON lines. A `model` line for each model of the chain, then one `call` line for each call, found again by the hash of model, messages
and parameters. Keys are scrubbed before anything is hashed or written. The same call made again is answered by its next recording.
"""

import hashlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import JsonValue, SecretStr, ValidationError

from agent.core.chat import ChatModel, Reply, Request
from agent.core.errors import (
    ModelError,
    ModelLimited,
    ModelMalformed,
    ModelRefused,
    ModelTooLarge,
    ModelUnavailable,
    UsageError,
)
from agent.core.harmless import shown_json
from agent.core.record import Record
from agent.core.settings import Settings
from agent.models.scrub import scrubbed

RECORDING = "results/model/cassette.jsonl"
"""A run's own recording, in its folder."""
Secrets = tuple[SecretStr | None, ...]
KINDS: dict[str, type[ModelError]] = {
    kind.__name__: kind for kind in (ModelLimited, ModelTooLarge, ModelRefused, ModelUnavailable, ModelMalformed)
}


class RecordedModel(Record):
    """A model of the recorded chain."""

    kind: Literal["model"] = "model"
    provider: str
    name: str
    constrains: bool


class RecordedError(Record):
    """A model error with what it carries."""

    name: str
    message: str
    hint: str
    retry_after: float | None = None
    scope: str = "unknown"
    text: str = ""


class RecordedCall(Record):
    """One call: who was asked what, and the reply or the error."""

    kind: Literal["call"] = "call"
    key: str
    provider: str
    model: str
    request: dict[str, JsonValue]
    reply: Reply | None = None
    error: RecordedError | None = None

    @property
    def asked(self) -> Request:
        """The request."""
        return Request.model_validate(self.request)


def key_of(model: str, request: Request, secrets: Secrets = ()) -> str:
    """Identifies a call: model, messages and parameters, not the name it goes by."""
    asked = request.model_dump(mode="json", exclude={"name"})
    canonical = json.dumps({"model": model} | asked, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(scrubbed(canonical, secrets).encode("utf-8", "surrogatepass")).hexdigest()


class Recorder:
    """Another model, with every call of it appended to a file."""

    def __init__(self, inner: ChatModel, path: Path, secrets: Secrets = ()) -> None:
        self._inner = inner
        self._path = path
        self._secrets = secrets
        self.provider = inner.provider
        self.name = inner.name
        self.notices: tuple[str, ...] = getattr(inner, "notices", ())
        self._append(RecordedModel(provider=inner.provider, name=inner.name, constrains=inner.constrains))

    @property
    def constrains(self) -> bool:
        """As the model that is recorded."""
        return self._inner.constrains

    @property
    def spent(self) -> bool:
        """Whether it has nothing left to say, as the model that is recorded."""
        return spent(self._inner)

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """The other model's call; see `ChatModel`."""
        try:
            reply = self._inner.complete(request, seconds=seconds)
        except ModelError as error:
            self._append(self._call(request, error=_recorded(error)))
            raise
        self._append(self._call(request, reply=reply))
        return reply

    def _call(self, request: Request, reply: Reply | None = None, error: RecordedError | None = None) -> RecordedCall:
        return RecordedCall(
            key=key_of(self.name, request, self._secrets),
            provider=self.provider,
            model=self.name,
            request=request.model_dump(mode="json"),
            reply=reply,
            error=error,
        )

    def _append(self, line: RecordedModel | RecordedCall) -> None:
        """Append one synced line; a half line that an earlier crash left is closed first."""
        text = shown_json(json.dumps(line.model_dump(mode="json"), ensure_ascii=False))
        raw = scrubbed(text, self._secrets).encode("utf-8") + b"\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("ab+") as stream:
            if stream.seek(0, os.SEEK_END) and _last_byte(stream.fileno()) != b"\n":
                raw = b"\n" + raw
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())


def spent(model: ChatModel) -> bool:
    """Whether a model has nothing left to say: true of a recording that was played to its end, of no other."""
    return bool(getattr(model, "spent", False))


def _last_byte(handle: int) -> bytes:
    return os.pread(handle, 1, os.fstat(handle).st_size - 1)


class CassetteModel:
    """One model of a recording, played back."""

    provider = "cassette"

    def __init__(self, recorded: RecordedModel, calls: list[RecordedCall]) -> None:
        self.name = recorded.name
        self.constrains = recorded.constrains
        self._lock = threading.Lock()
        self._calls: defaultdict[str, list[RecordedCall]] = defaultdict(list)
        for call in calls:
            self._calls[call.key].append(call)

    @property
    def spent(self) -> bool:
        """Everything that was recorded has been said."""
        return not any(self._calls.values())

    def complete(self, request: Request, *, seconds: float) -> Reply:
        """The recorded reply or error of that call; see `ChatModel`."""
        key = key_of(self.name, request)
        with self._lock:
            if not self._calls[key]:
                raise ModelUnavailable(f"cassette: {request.name} ({key[:12]}) was not recorded for {self.name}")
            call = self._calls[key].pop(0)
        if call.reply is None:
            raise _raised(call.error)
        return call.reply


def connect(settings: Settings) -> tuple[CassetteModel, ...]:
    """The models of the recording that the settings name, in the order of their chain.

    Raises:
        UsageError: there is none, or it cannot be read.
    """
    if settings.cassette is None:
        raise UsageError("the provider cassette needs a recording", hint="Name it with `--cassette FILE`.")
    lines = list(read_recording(settings.cassette))
    models = {(line.provider, line.name): line for line in lines if isinstance(line, RecordedModel)}
    if not models:
        raise UsageError(f"{settings.cassette} holds no recorded model", hint="Record a mission first.")
    calls = [line for line in lines if isinstance(line, RecordedCall)]
    return tuple(
        CassetteModel(model, [call for call in calls if (call.provider, call.model) == chosen]) for chosen, model in models.items()
    )


def recorded_calls(path: Path) -> tuple[RecordedCall, ...]:
    """The calls of a recording in their order.

    Raises:
        UsageError: it cannot be read.
    """
    return tuple(line for line in read_recording(path) if isinstance(line, RecordedCall))


def read_recording(path: Path) -> Iterator[RecordedModel | RecordedCall]:
    """Every whole line; half lines are what crashes left.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"the recording {path} cannot be read: {error.strerror}", hint="Give a recorded file.") from error
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            data = json.loads(line)
        except ValueError:
            continue
        try:
            yield (RecordedCall if data["kind"] == "call" else RecordedModel).model_validate(data)
        except (ValidationError, KeyError, TypeError) as error:
            raise UsageError(f"{path}:{number} is not a line of a recording", hint="Was it recorded by another version?") from error


def _recorded(error: ModelError) -> RecordedError:
    return RecordedError(
        name=type(error).__name__,
        message=str(error),
        hint=error.hint,
        retry_after=getattr(error, "retry_after", None),
        scope=getattr(error, "scope", "unknown"),
        text=getattr(error, "text", ""),
    )


def _raised(recorded: RecordedError | None) -> ModelError:
    if recorded is None:
        return ModelUnavailable("cassette: the recorded call has neither reply nor error")
    match KINDS.get(recorded.name):
        case kind if kind is ModelLimited:
            return ModelLimited(recorded.message, hint=recorded.hint, retry_after=recorded.retry_after, scope=recorded.scope)
        case kind if kind is ModelMalformed:
            return ModelMalformed(recorded.message, hint=recorded.hint, text=recorded.text)
        case kind:
            return (kind or ModelError)(recorded.message, hint=recorded.hint)
