"""Runs a loopback server of a test in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import TypeVar

S = TypeVar("S", bound=ThreadingHTTPServer)


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
