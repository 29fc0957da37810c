"""A server on loopback in Groq's chat format that plays what a test gives it, response after response."""

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.serving import LoopbackServer, serving

USAGE = {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}


@dataclass(frozen=True)
class Response:
    """One response: parts are sent one after the other, the stream stays open for `hang` seconds after them."""

    parts: tuple[bytes, ...]
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hang: float = 0.0
    whole: bool = True


def answer(text: str | None, usage: Any = USAGE, finish: str = "stop") -> Response:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    body: dict[str, Any] = {"id": "c", "object": "chat.completion", "created": 1, "model": "llama-x", "choices": [choice]}
    return Response((json.dumps(body | ({"usage": usage} if usage else {})).encode(),))


def refused(status: int, message: str = "no", **headers: str) -> Response:
    return Response(
        (json.dumps({"error": {"message": message}}).encode(),), status, tuple((k.replace("_", "-"), v) for k, v in headers.items())
    )


def streamed(pieces: Sequence[str], finish: str | None = "stop", usage: Any = USAGE, error: str = "", hang: float = 0.0) -> Response:
    rows = [chunk({"content": piece}) for piece in pieces]
    if finish:
        rows.append(chunk({}, finish, {"x_groq": {"id": "r", "usage": usage}} if usage else {}))
    if error:
        rows.append(chunk({}, None, {"x_groq": {"id": "r", "error": error}}))
    parts = tuple(f"data: {json.dumps(row)}\n\n".encode() for row in rows)
    end = (b"data: [DONE]\n\n",) if finish else ()
    return Response(parts + end, 200, (("content-type", "text/event-stream"),), hang, whole=False)


def chunk(delta: dict[str, Any], finish: str | None = None, more: dict[str, Any] | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "llama-x", "choices": [choice], **(more or {})}


@dataclass
class Played:
    """A server under way: the bodies and keys that it got, and whether a peer went away while it sent."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def playing(*responses: Response) -> Iterator[Played]:
    played, rest = Played(), list(responses)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

        def do_POST(self) -> None:
            played.bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            played.keys.append(self.headers["authorization"])
            one = rest.pop(0)
            self.send_response(one.status)
            for name, value in one.headers:
                self.send_header(name, value)
            if one.whole:
                self.send_header("content-length", str(sum(map(len, one.parts))))
            self.end_headers()
            self.send_parts(one)

        def send_parts(self, one: Response) -> None:
            try:
                for part in one.parts:
                    self.wfile.write(part)
                    self.wfile.flush()
                for _ in range(round(one.hang / 0.05)):
                    if server.stopped.wait(0.05):
                        return
                    if not one.whole:
                        self.wfile.write(b": still there\n\n")
            except OSError:
                played.left.set()

    with serving(LoopbackServer(Handler)) as server:
        played.url = server.url
        yield played
