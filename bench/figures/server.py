"""A server in Groq's wire format on this machine: the same short answers to everybody, at once.

python -m bench.figures.server      (prints its address)
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DECISION = {"queries": ["retry interceptor delay", "context keeps what a stage returned"]}
"""Answers whoever asks without tools: ours asks for a decision."""


class Handler(BaseHTTPRequestHandler):
    """Answers chat completions and the list of models."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """The list of models."""
        self._send({"object": "list", "data": [{"id": "llama-3.1-8b-instant", "object": "model", "created": 0, "owned_by": "x"}]})

    def do_POST(self) -> None:
        """A tool call where tools are offered, until the steps that the model's name asks for are made; else a decision."""
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        made = sum(message["role"] == "tool" for message in asked["messages"])
        name, _, steps = str(asked["model"]).partition("-")
        over = name == "steps" and made >= int(steps)
        message: dict[str, Any] = {"role": "assistant", "content": json.dumps(DECISION)}
        if asked.get("tools") and not over:
            function = {"name": "lookup", "arguments": json.dumps({"query": DECISION["queries"][0]})}
            call = {"id": f"call_{made}", "type": "function", "function": function}
            message = {"role": "assistant", "content": "", "tool_calls": [call]}
        finish = "tool_calls" if "tool_calls" in message else "stop"
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        base = {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": asked["model"]}
        self._send(base | {"choices": [choice], "usage": usage})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _send(self, value: dict[str, Any]) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Serve until the process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
