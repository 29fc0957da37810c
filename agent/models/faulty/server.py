"""The loopback server: Groq's paths, one behaviour, and a log of the requests it answered."""

import contextlib
import hashlib
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from agent.models.faulty.contract import Behaviour, Sent, refuses
from agent.models.faulty.questions import Unreadable, question_of
from agent.models.script import Script

PREFIX = "/openai/v1"
LARGEST_REQUEST = 16 << 20


class FaultServer(ThreadingHTTPServer):
    """Serves one behaviour on a port of the loopback address.

    `log`, if given, gets one JSON line for each completion request before it is answered: its number, name and the hash of its body.
    `delay` is the seconds until each completion is answered.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        behaviour: Behaviour,
        script: Script,
        listed: tuple[str, ...],
        port: int = 0,
        log: Path | None = None,
        delay: float = 0.0,
    ) -> None:
        self._behaviour = behaviour
        self._script = script
        self._listed = listed
        self._log = log
        self._delay = delay
        self._seen = 0
        self._lock = threading.Lock()
        self.stopped = threading.Event()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """What goes into `GROQ_BASE_URL`."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def models(self) -> Sent:
        """The response to a request for the list of models."""
        return self._behaviour.models(self._listed)

    def completion(self, body: bytes, key: str) -> Sent:
        """The response to a request for a completion."""
        with self._lock:
            nth, self._seen = self._seen, self._seen + 1
        try:
            question = question_of(body, nth, key, self._script)
        except Unreadable as error:
            return refuses(400, f"unreadable request: {error}", "invalid_request")
        self._note(nth, question.name, body)
        self.stopped.wait(self._delay)
        return self._behaviour.play(question)

    def _note(self, nth: int, name: str, body: bytes) -> None:
        if self._log is not None:
            line = json.dumps({"nth": nth, "name": name, "body": hashlib.sha256(body).hexdigest(), "at": time.time()})
            with self._lock, self._log.open("a", encoding="utf-8") as stream:
                stream.write(line + "\n")


class _Handler(BaseHTTPRequestHandler):
    server: FaultServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Requests go to the server's own log, if anywhere."""

    def do_GET(self) -> None:
        """The list of models."""
        listed = self.path.removeprefix(PREFIX) == "/models"
        self._send(self.server.models() if listed else refuses(404, "no such path", "not_found"))

    def do_POST(self) -> None:
        """A completion."""
        size = min(int(self.headers.get("content-length") or 0), LARGEST_REQUEST)
        body = self.rfile.read(size)
        if self.path.removeprefix(PREFIX) != "/chat/completions":
            self._send(refuses(404, "no such path", "not_found"))
            return
        key = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        self._send(self.server.completion(body, key))

    def _send(self, sent: Sent) -> None:
        self.close_connection = True
        with contextlib.suppress(ConnectionError):  # the other side may have given up
            match sent.delivery:
                case "hang":
                    self.server.stopped.wait()
                case "drop":
                    pass
                case "whole":
                    self._head(sent)
                    self.wfile.write(sent.body)
                case _:
                    self._head(sent)
                    self._badly(sent)

    def _head(self, sent: Sent) -> None:
        self.send_response(sent.status)
        if not any(name == "content-type" for name, _ in sent.headers):
            self.send_header("content-type", "application/json")
        for name, value in sent.headers:
            self.send_header(name, value)
        if sent.delivery != "endless":
            self.send_header("content-length", str(len(sent.body)))
        self.send_header("connection", "close")
        self.end_headers()

    def _badly(self, sent: Sent) -> None:
        if sent.delivery == "trickle":
            for byte in sent.body:
                self.wfile.write(bytes([byte]))
                if self.server.stopped.wait(0.2):
                    return
        elif sent.delivery == "endless":
            while not self.server.stopped.is_set():
                self.wfile.write(sent.body)
        else:
            self.wfile.write(sent.body[: len(sent.body) // 2])
            if sent.delivery == "stall":
                self.server.stopped.wait()
