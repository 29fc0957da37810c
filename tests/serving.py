"""Runs a loopback server of a test in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

S = TypeVar("S", bound=ThreadingHTTPServer)


class LoopbackServer(ThreadingHTTPServer):
    """Any number of clients at once; it keeps what was asked, and ends without waiting for those that it keeps waiting."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self.asked: list[str] = []
        self.stopped = threading.Event()
        super().__init__(("127.0.0.1", port), handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"


@contextmanager
def serving(server: S) -> Iterator[S]:
    """Run it until the block ends; a server that waits somewhere has an event `stopped` that lets it go."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        if stopped := getattr(server, "stopped", None):
            stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
