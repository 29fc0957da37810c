"""One HTTP exchange that ends in time and fits into memory, whatever the other side does."""

import functools
import ipaddress
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from agent.core.errors import ModelError, ModelMalformed, ModelUnavailable

T = TypeVar("T")

BODY_LIMIT = 1 << 20
"""Bytes of a response that are read at most; an answer of the largest size still fits when each of its characters is escaped."""


class _Bounded(httpx.SyncByteStream):
    """A response body that stops at a deadline and at a size."""

    def __init__(self, stream: httpx.SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > BODY_LIMIT:
                raise ModelMalformed(f"the response is larger than {BODY_LIMIT // 1024} KiB and was not read to its end")
            if time.monotonic() > self._deadline:
                raise ModelUnavailable("the response came too slowly")
            yield chunk

    def close(self) -> None:
        self._stream.close()


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust; slow to load, the same for every call."""
    return httpx.create_ssl_context()


@dataclass
class _Line:
    """A client for one root, kept for the next call: to connect and to check a certificate takes longer than to ask.

    Attributes:
        client: its connection may be open.
        deadline: `time.monotonic()` at which the response of the present call has to be there.
    """

    client: httpx.Client
    deadline: float = 0.0


_idle: dict[str, list[_Line]] = defaultdict(list)
"""Lines that no call uses, by root."""


def _line(base_url: str) -> _Line:
    def bound(response: httpx.Response) -> None:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ModelUnavailable("the response is compressed although that was not allowed")  # a small body could unpack to any size
        assert isinstance(response.stream, httpx.SyncByteStream)
        response.stream = _Bounded(response.stream, line.deadline)

    client = httpx.Client(
        verify=_certificates(),
        follow_redirects=False,
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [bound]},
        trust_env=not on_loopback(base_url),
    )
    line = _Line(client)
    return line


def _taken(base_url: str, seconds: float) -> _Line:
    """An idle line, or a new one, for a call of so many seconds."""
    try:
        line = _idle[base_url].pop()
    except IndexError:
        line = _line(base_url)
    line.deadline, line.client.timeout = time.monotonic() + seconds, httpx.Timeout(seconds)
    return line


def on_loopback(url: str) -> bool:
    """Whether the URL's host is this machine, which is never reached through a proxy."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name, or no URL at all
        return False


def within(seconds: float, base_url: str, exchange: Callable[[httpx.Client], T]) -> T:
    """What `exchange` returns, within `seconds` of real time.

    A client's own time-outs restart with every byte, and a name look-up has none. So the exchange runs in a thread of its own; when
    time is up its connection is closed under it and nobody waits for it.

    Raises:
        ModelUnavailable: time is up, or the network failed.
    """
    line = _taken(base_url, seconds)
    outcome: Future[T] = Future()

    def work() -> None:
        try:
            outcome.set_result(exchange(line.client))
        except BaseException as error:  # the caller raises it
            outcome.set_exception(error)

    threading.Thread(target=work, daemon=True, name="model call").start()
    sound = False
    try:
        found = outcome.result(timeout=seconds)
        sound = True
        return found
    except TimeoutError:
        raise ModelUnavailable(f"no complete answer within {seconds:g} s") from None
    except ModelError:
        raise
    except httpx.TimeoutException:
        raise ModelUnavailable(f"no answer within {seconds:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise ModelUnavailable(f"the connection failed: {type(error).__name__}: {error}") from error
    finally:
        if sound:
            _idle[base_url].append(line)
        else:
            line.client.close()
