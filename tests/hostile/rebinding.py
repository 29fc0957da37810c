"""Reads a page of a name that changes its address, in a network and with a resolver of its own; tells what reached the listener.

python -m tests.hostile.rebinding FIRST THEN [--name-host]

To be started in new user, mount and network namespaces, where it is root and alone. The name's address is FIRST when it is asked for the
first time, and THEN ever after. With `--name-host` the setting for own hosts names it: then the listener must be reached.
"""

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from itertools import chain, repeat
from pathlib import Path

from tests.serving import LoopbackServer, serving

HOST = "rebind.test"
SIOCSIFFLAGS, IFF_UP, IFF_LOOPBACK, IFF_RUNNING = 0x8914, 0x1, 0x8, 0x40


def loopback_up() -> None:
    """A new network has a loopback device that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP | IFF_LOOPBACK | IFF_RUNNING))


def resolver(answers: Iterator[str], asked: list[str]) -> None:
    """A name server on 127.0.0.1:53 that gives every A question the next address, for no time to live, and knows nothing else."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))

    def serve() -> None:
        while True:
            query, client = server.recvfrom(512)
            end = query.index(b"\0", 12) + 5
            is_a = query[end - 4 : end - 2] == b"\0\1"
            header = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
            record = b""
            if is_a:
                asked.append(next(answers))
                record = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 0, 4) + socket.inet_aton(asked[-1])
            server.sendto(header + query[12:end] + record, client)

    threading.Thread(target=serve, daemon=True).start()


class Page(BaseHTTPRequestHandler):
    """What must not be reached."""

    server: LoopbackServer

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        body = b"<html><body><p>The inner page of a private network, told to nobody outside of it.</p></body></html>"
        self.send_response(200 if self.path != "/robots.txt" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what counts is in `asked`."""


def main() -> None:
    """Set all up, read the page by the real command, print what happened."""
    first, then = sys.argv[1:3]
    asked: list[str] = []
    loopback_up()
    with tempfile.TemporaryDirectory() as temp, serving(LoopbackServer(Page, 80)) as listener:
        conf = Path(temp) / "resolv.conf"
        conf.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", encoding="utf-8")
        subprocess.run(["mount", "--bind", str(conf), "/etc/resolv.conf"], check=True)
        resolver(chain([first], repeat(then)), asked)
        env = os.environ | ({"STAGEFLOW_AGENT_FETCH_HOSTS": f"{HOST}:80"} if "--name-host" in sys.argv else {})
        command = [sys.executable, "-m", "agent", "tool", "read_page", "--url", f"http://{HOST}/", "--seconds", "8", "--json"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        sys.stdout.write(
            json.dumps({"answered": asked, "reached": listener.asked, "code": done.returncode, "said": done.stdout + done.stderr})
        )


if __name__ == "__main__":
    main()
