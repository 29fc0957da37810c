"""Real weights behind the OpenAI chat format on loopback; run as `python -m agent.models.local_server`, ends with its standard input.

A process of its own, so that a crash of native code, or an answer that takes too long, costs the mission nothing but that answer.
"""

import argparse
import importlib
import json
import os
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PASSED = ("messages", "max_tokens", "temperature", "response_format")
"""Fields of a request that the runtime understands; the others are for hosted models."""
Complete = Callable[[dict[str, Any]], dict[str, Any]]


def load(weights: Path, context: int, threads: int) -> Complete:
    """The runtime with these weights, as a function from request to completion."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # read when the runtime is imported: idle threads must not spin
    xllamacpp = importlib.import_module("xllamacpp")  # an optional extra; this process alone loads it
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx = context
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.use_jinja = True
    parameters.ui = False
    parameters.offline = True
    parameters.cache_ram_mib = 0
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.verbosity = 0
    parameters.warmup = False
    runtime = xllamacpp.Server(parameters)
    return lambda request: dict(runtime.handle_chat_completions(request))


class Server(ThreadingHTTPServer):
    """Serves one model on a free port of the loopback address; one completion at a time."""

    daemon_threads = True

    def __init__(self, complete: Complete, name: str) -> None:
        self._complete = complete
        self._turn = threading.Lock()
        self._name = name
        super().__init__(("127.0.0.1", 0), _Handler)

    def answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Status and body for a request's body."""
        try:
            request = json.loads(body)
            passed = {key: request[key] for key in PASSED if key in request}
        except (ValueError, TypeError):
            return 400, {"error": {"message": "the request is not a JSON object", "type": "invalid_request_error"}}
        with self._turn:
            completion = self._complete(passed)
        if "choices" in completion:
            return 200, completion | {"model": self._name}
        error = completion.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return (code if isinstance(code, int) and 400 <= code < 600 else 500), {"error": error or completion}


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads a log of this process."""

    def do_POST(self) -> None:
        """One completion."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        status, answer = self.server.answer(body)
        raw = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)


def main() -> None:
    """Load, say where, serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m agent.models.local_server", description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--context", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # native code may print to standard output while it loads
    server = Server(load(given.weights, given.context, given.threads), given.name)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.write(f"http://127.0.0.1:{server.server_address[1]}/v1\n")
    told.flush()
    sys.stdin.buffer.read()
    os._exit(0)  # the runtime may be in the middle of an answer that nobody waits for


if __name__ == "__main__":
    main()
