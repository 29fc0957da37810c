"""A hostile web on the loopback address: SearXNG's JSON and pages that carry every text, and every way to misuse HTTP."""

import gzip
import itertools
import json
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

from tests.hostile.texts import TEXTS
from tests.loopback_web import DOCUMENT, PLAIN, document
from tests.serving import LoopbackServer

UNENDING = ("html-comment", "unclosed-textarea", "close-everything", "xml-specials", "nul-and-control")
"""Texts that swallow what follows them on a page, or make it unreadable."""
GIANT = 300 << 20
"""Bytes of a body that is said to be, or becomes, as large."""
CALM = f"{PLAIN} This paragraph is what an honest page says about pipelines and their retries. {PLAIN}"
ELSEWHERE = {
    "loopback": "http://127.0.0.1:{port}/hx7",
    "localhost": "http://localhost:{port}/hx7",
    "ipv6-loopback": "http://[::1]:{port6}/hx7",
    "ipv4-mapped": "http://[::ffff:127.0.0.1]:{port}/hx7",
    "decimal": "http://2130706433:{port}/hx7",
    "octal": "http://0177.0.0.1:{port}/hx7",
    "hexadecimal": "http://0x7f.0x0.0x0.0x1:{port}/hx7",
    "short": "http://127.1:{port}/hx7",
    "unspecified": "http://0.0.0.0:{port}/hx7",
    "dotted-end": "http://localhost.:{port}/hx7",
    "wide-digits": "http://①②⑦.⓪.⓪.①:{port}/hx7",
    "own-name": "http://{host}:{port}/hx7",
    "userinfo": "http://public.example@127.0.0.1:{port}/hx7",
    "metadata": "http://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "link-local": "http://[fe80::1%25lo]:{port}/hx7",
    "file": "file:///etc/passwd",
    "data": "data:text/html,<script>document.title='hx7'</script>",
    "gopher": "gopher://127.0.0.1:{port}/_hx7",
    "scheme-relative": "//127.0.0.1:{port}/hx7",
}
"""Where redirects lead, by name."""


def bomb(size: int, wbits: int = 31) -> bytes:
    """So many zeros, compressed, made without holding them."""
    packing = zlib.compressobj(9, zlib.DEFLATED, wbits)
    piece = b"<p>" + b"\0" * ((1 << 20) - 3)
    return b"".join(packing.compress(piece) for _ in range(size >> 20)) + packing.flush()


class HostileWeb(LoopbackServer):
    """Serves it; `ports` fill in where redirects and texts lead."""

    def __init__(self, ports: dict[str, object]) -> None:
        self.ports = ports
        super().__init__(_Handler)

    def body(self, name: str) -> str:
        return TEXTS[name].at(int(str(self.ports["port"])))

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what we want."""


class _Handler(BaseHTTPRequestHandler):
    server: HostileWeb

    def log_message(self, format: str, *args: object) -> None:
        """Requests are kept in `asked`."""

    def do_GET(self) -> None:
        name = urlsplit(self.path).path.strip("/")
        self.server.asked.append(name)
        with suppress(OSError):
            if name == "robots.txt":
                self._send(404, "text/plain", b"")
            elif name == "search":
                self._results()
            elif name.startswith("way/"):
                self._way(name.removeprefix("way/").removesuffix("/search"))
            elif name.startswith("text/"):
                self._text(name.removeprefix("text/"))
            elif name.startswith("to/"):
                self._send(302, "text/html", b"", location=ELSEWHERE[name.removeprefix("to/")].format(**self.server.ports))
            else:
                WAYS[name](self)

    def _way(self, way: str) -> None:
        """A search that is answered in one of the ways, or with a redirect."""
        if way.startswith("to-"):
            self._send(302, "text/html", b"", location=ELSEWHERE[way.removeprefix("to-")].format(**self.server.ports))
        else:
            WAYS[way](self)

    def _results(self) -> None:
        query = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
        rows: list[dict[str, object]] = [{"title": "honest", "url": f"{self.server.url}/text/calm", "content": CALM[:200]}]
        for name in TEXTS:
            body = self.server.body(name)
            rows.append({"title": f"hx7 {name} {body}", "url": f"{self.server.url}/text/{name}", "content": body})
            rows.append({"title": f"hx7 {name}", "url": body, "content": body})
        self._send(200, "application/json", json.dumps({"query": query, "results": rows}).encode())

    def _text(self, name: str) -> None:
        if name == "calm":
            self._send(200, "text/html; charset=utf-8", document("Calm", CALM, CALM + " Again."))
            return
        chosen = [each for each in TEXTS if (each in UNENDING) == (name == "unending")]
        bodies = [f"{PLAIN} {self.server.body(each)} {PLAIN}" for each in chosen]
        page = DOCUMENT.format(title=self.server.body("terminal-escapes"), paragraphs="".join(f"<p>{body}</p>" for body in (CALM, *bodies)))
        self._send(200, "text/html; charset=utf-8", page.encode("utf-8", "surrogatepass"))

    def _send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def giant(self) -> None:
        self._stream(itertools.repeat(b"<p>" + b"x" * 65_533, GIANT >> 16), content_length=str(GIANT))

    def endless(self) -> None:
        self._stream(itertools.repeat(b"<p>word word word</p>" * 3_000))

    def drip(self) -> None:
        self._stream(b"x" for _ in iter(lambda: self.server.stopped.wait(1.0), True))

    def packed(self, way: str, body: bytes) -> None:
        self._send(200, "text/html", body, content_encoding=way)

    def endless_headers(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        for number in itertools.count():
            self.wfile.write(b"x-%d: %s\r\n" % (number, b"y" * 500))

    def endless_header(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\nx-long: ")
        for _ in itertools.repeat(0):
            self.wfile.write(b"y" * 65_536)

    def redirects(self) -> None:
        self._send(302, "text/html", b"", location=f"/redirects?{time.monotonic_ns()}")

    def loop(self) -> None:
        self._send(302, "text/html", b"", location=self.path)

    def page(self, body: bytes, kind: str = "text/html") -> None:
        self._send(200, kind, body)

    def _stream(self, pieces: object, **headers: str) -> None:
        self._send(200, "text/html", b"", **headers)
        for piece in pieces:  # type: ignore[attr-defined]
            if self.server.stopped.is_set():
                return
            self.wfile.write(piece)


WAYS: dict[str, Callable[[_Handler], None]] = {
    "giant": _Handler.giant,
    "endless": _Handler.endless,
    "drip": _Handler.drip,
    "gzip-bomb": lambda h: h.packed("gzip", bomb(GIANT)),
    "deflate-bomb": lambda h: h.packed("deflate", bomb(GIANT, 15)),
    "gzip-twice": lambda h: h.packed("gzip, gzip", gzip.compress(bomb(GIANT))),
    "brotli": lambda h: h.packed("br", b"\x1b" * 4096),
    "zstd": lambda h: h.packed("zstd", b"\x28\xb5\x2f\xfd" * 1024),
    "endless-headers": _Handler.endless_headers,
    "endless-header": _Handler.endless_header,
    "redirects": _Handler.redirects,
    "redirect-loop": _Handler.loop,
    "binary": lambda h: h.page(bytes(range(256)) * 4_000),
    "wrong-charset": lambda h: h.page(CALM.encode("utf-16-be") + b"\xff\xfe\x00", "text/html; charset=utf-7"),
    "byte-order-mark": lambda h: h.page(b"\xff\xfe\x00\x00" + CALM.encode("utf-32-le"), "text/plain; charset=ascii"),
    "codec-that-runs": lambda h: h.page(b"<p>" + b"A" * 9_000, "text/html; charset=unicode_escape"),
    "nested-html": lambda h: h.page(b"<div><p>" * 100_000 + CALM.encode()),
    "unclosed-titles": lambda h: h.page(b"<title " * 120_000),
    "deep-json": lambda h: h.page(b'{"results":' + b"[" * 200_000, "application/json"),
    "wide-json": lambda h: h.page(b'{"results":[' + b"[]," * 2_000_000 + b"[]]}", "application/json"),
    "entity-bomb": lambda h: h.page(
        b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "x">' + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 50) for n in range(9)) + b"]><p>&a8;"
    ),
    "no-http": lambda h: h.wfile.write(b"\x16\x03\x01\x02\x00" * 4_000),
}  # fmt: skip
"""Ways to answer, by the path of a page or the way of a search."""
