"""Fetches one page over HTTP: addresses and robots.txt are checked at every step, size, time and redirects are bounded."""

import time
import zlib
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tools.page_addresses import NotRead, addresses
from tools.page_robots import Robots

AGENT = "stageflow-reliability-agent/0.1 (reads single pages for research)"
REDIRECTS = 5
TYPES = ("text/html", "text/plain")
ROBOTS_BYTES = 500_000
PACKED = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
"""Compressions that are unpacked, by `wbits`; a server may use one although none was asked for."""


@dataclass(frozen=True)
class Fetched:
    """A file as it came; the body is empty unless the status is 2xx."""

    url: str
    status: int
    type: str
    charset: str
    body: bytes


class Fetcher:
    """Fetches within `seconds` for all it does together; `named` are hosts that need no public address."""

    def __init__(self, named: Set[str], seconds: float) -> None:
        self._named, self._seconds = named, seconds
        self._until = time.monotonic() + seconds
        # No proxies of the environment: behind one, the address that was checked would not be the one that is asked.
        self._client = httpx.Client(
            trust_env=False, headers={"user-agent": AGENT, "accept": "text/html, text/plain;q=0.8", "accept-encoding": "identity"}
        )
        self._robots = Robots(AGENT, self._small_text)

    def page(self, url: str, most: int) -> Fetched:
        """The page at an address, of at most `most` bytes.

        Raises:
            NotRead: it may not or cannot be read.
        """
        found = self._walk(parsed(url), most, self._robots.check, TYPES)
        if not 200 <= found.status < 300:
            raise NotRead(f"HTTP {found.status}")
        return found

    def _small_text(self, url: httpx.URL) -> tuple[int, str]:
        found = self._walk(url, ROBOTS_BYTES, lambda hop: None, ())
        return found.status, found.body.decode("utf-8", "replace")

    def _walk(self, url: httpx.URL, most: int, allowed: Callable[[httpx.URL], None], types: tuple[str, ...]) -> Fetched:
        """Follow redirects; every address on the way is checked like the first one."""
        for hop in range(REDIRECTS + 1):
            try:
                found = addresses(url.raw_host.decode(), url.port or (443 if url.scheme == "https" else 80), self._named)
                allowed(url)
            except NotRead as why:
                raise NotRead(f"redirected to {url}: {why}" if hop else str(why)) from why
            with self._opened(url, found) as response:
                if not response.has_redirect_location:
                    return self._read(url, response, most, types)
                url = parsed(str(url.join(response.headers["location"])))
        raise NotRead(f"more than {REDIRECTS} redirects")

    @contextmanager
    def _opened(self, url: httpx.URL, found: list[str]) -> Iterator[httpx.Response]:
        """The response of the first address that takes a connection; the connection goes to the very address that was checked."""
        try:
            response = self._sent(url, found)
            try:
                yield response
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise NotRead(f"no answer within {self._seconds:.1f} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotRead(f"{type(error).__name__}: {error}") from error

    def _sent(self, url: httpx.URL, found: list[str]) -> httpx.Response:
        for number, address in enumerate(found, 1):
            request = self._client.build_request(
                "GET",
                url.copy_with(host=address),
                headers={"host": url.netloc.decode()},
                timeout=self._left(),
                extensions={"sni_hostname": url.raw_host.decode()},  # the certificate is checked against the name
            )
            try:
                return self._client.send(request, stream=True)
            except httpx.ConnectError:
                if number == len(found):
                    raise
        raise NotRead("the name has no address")

    def _read(self, url: httpx.URL, response: httpx.Response, most: int, types: tuple[str, ...]) -> Fetched:
        """The body, when it is small enough and of a type that is read."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        body = bytearray()
        if response.is_success:
            if types and kind not in types:
                raise NotRead(f"its content type is {kind or 'not stated'}, read are {', '.join(types)}")
            stated = response.headers.get("content-length", "")
            if stated.isdecimal() and int(stated) > most:
                raise NotRead(f"it has {int(stated)} bytes, read are at most {most}")
            for chunk in unpacked(response, most):
                body += chunk
                self._left()
                if len(body) > most:
                    raise NotRead(f"it has more than {most} bytes")
        return Fetched(str(url), response.status_code, kind, response.charset_encoding or "", bytes(body))

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left < 0.05:
            raise NotRead(f"no answer within {self._seconds:.1f} s")
        return left


def unpacked(response: httpx.Response, most: int) -> Iterator[bytes]:
    """The body in pieces; of a compressed one never more is unpacked at once than `most` and a byte.

    Raises:
        NotRead: it is compressed in a way that is not unpacked, or damaged.
    """
    packed = response.headers.get("content-encoding", "identity").strip().lower()
    if packed in ("", "identity"):
        yield from response.iter_raw(65_536)
        return
    if packed not in PACKED:
        raise NotRead(f"it is compressed as {packed[:40]}, which was not asked for")
    unpacking = zlib.decompressobj(PACKED[packed])
    try:
        for chunk in response.iter_raw(65_536):
            yield unpacking.decompress(chunk, most + 1)
    except zlib.error as error:
        raise NotRead(f"it cannot be unpacked: {error}") from error


def parsed(url: str) -> httpx.URL:
    """An address that may be asked, without its fragment.

    Raises:
        NotRead: it is none.
    """
    try:
        found = httpx.URL(url).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise NotRead(f"not an address: {error}") from error
    if found.scheme not in ("http", "https") or not found.host:
        raise NotRead("not an http or https address")
    if found.userinfo:
        raise NotRead("an address with a user name in it")
    return found
