"""Shows a folder to browsers of this machine, read-only: no link is followed, no other name of this machine is answered, nothing runs."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote, urlsplit

from agent.core.pages import page

LOOPBACK = "127.0.0.1"
START = "campaign/index.html"
"""What is shown first, when it is there."""
TEXT = frozenset((".md", ".json", ".jsonl", ".py", ".log", ".txt", ".yaml", ".toml", ".csv", ".sarif", ".xml", ".lock", ".torn"))
"""Endings of files that a browser shows as text; markup of others is not shown as a page."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SECONDS = 15.0
"""Within which a client has to say what it wants."""


class Viewer(ThreadingHTTPServer):
    """The server of one folder, bound to the loopback address."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder.resolve()
        super().__init__((LOOPBACK, port), Handler)

    @property
    def address(self) -> str:
        """What to type into a browser."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no event."""


class Refused(Exception):
    """A request gets no file.

    Attributes:
        status: what it gets.
    """

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    server: Viewer
    server_version, sys_version = "viewer", ""
    timeout = SECONDS

    def do_GET(self) -> None:
        """A file, a list of a folder, or a refusal."""
        self.answer(body=True)

    def do_HEAD(self) -> None:
        """The same without the content."""
        self.answer(body=False)

    def answer(self, *, body: bool) -> None:
        """Decide and send."""
        with ExitStack() as opened:
            try:
                self.check_host()
                path = urlsplit(self.path).path
                parts = parts_of(path)
                if not parts and (self.server.folder / START).is_file():
                    self.begin(HTTPStatus.FOUND, "text/plain; charset=utf-8", 0, Location=f"/{START}")
                    return
                handle = opened.enter_context(closing(Handle(self.server.folder, parts)))
                if handle.is_folder:
                    self.show_folder(handle, path, parts, body=body)
                elif path.endswith("/"):
                    raise Refused(HTTPStatus.NOT_FOUND)
                else:
                    self.show_file(handle, parts[-1], body=body)
            except Refused as refused:
                self.refuse(refused.status)
            except OSError:
                self.close_connection = True

    def check_host(self) -> None:
        """A page of elsewhere whose name was made to lead here is not answered."""
        hosts = self.headers.get_all("Host") or []
        if hosts not in ([f"{name}:{self.server.server_port}"] for name in (LOOPBACK, "localhost")):
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST)

    def show_file(self, handle: "Handle", name: str, *, body: bool) -> None:
        """A file: pages as pages, texts as text, anything else to be saved."""
        ending = Path(name).suffix
        kind = "text/html" if ending == ".html" else "text/plain" if ending in TEXT else "application/octet-stream"
        charset = "; charset=utf-8" if kind.startswith("text/") else ""
        with handle.stream() as stream:
            size = os.fstat(stream.fileno()).st_size
            self.begin(HTTPStatus.OK, kind + charset, size)
            if body:
                shutil.copyfileobj(Bounded(stream, size), self.wfile)

    def show_folder(self, handle: "Handle", path: str, parts: list[str], *, body: bool) -> None:
        """What is in a folder, as a page."""
        if not path.endswith("/"):
            self.begin(HTTPStatus.FOUND, "text/plain; charset=utf-8", 0, Location="/" + "/".join(map(quoted, parts)) + "/")
            return
        rows = [(name, quoted(name.removesuffix("/")) + ("/" if name.endswith("/") else "")) for name in handle.names()]
        text = page("folder.html.j2", name="/".join(parts), rows=rows, inside=bool(parts)).encode("utf-8", "replace")
        self.begin(HTTPStatus.OK, "text/html; charset=utf-8", len(text))
        if body:
            self.wfile.write(text)

    def refuse(self, status: HTTPStatus) -> None:
        """Say no, and nothing of what was asked for."""
        text = f"{status.value} {status.phrase}\n".encode()
        self.close_connection = True
        with suppress(OSError):
            self.begin(status, "text/plain; charset=utf-8", len(text), **({"Allow": "GET, HEAD"} if status == 405 else {}))
            if self.command != "HEAD":
                self.wfile.write(text)

    def begin(self, status: HTTPStatus, kind: str, size: int, **more: str) -> None:
        """Status and headers."""
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(size)} | HEADERS | more).items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library refuses: a method, or a request that is none."""
        self.refuse(HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus(code))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a person looks at the browser."""


class Handle:
    """An open file or folder below a folder; no step to it is a link, so it is what it is called."""

    def __init__(self, root: Path, parts: list[str]) -> None:
        self._number = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts:
                inner = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=self._number)
                os.close(self._number)
                self._number = inner
            mode = os.fstat(self._number).st_mode
        except (OSError, ValueError) as error:
            self.close()
            raise Refused(HTTPStatus.NOT_FOUND) from error
        self.is_folder = stat.S_ISDIR(mode)
        if not self.is_folder and not stat.S_ISREG(mode):
            self.close()
            raise Refused(HTTPStatus.NOT_FOUND)

    def stream(self) -> BinaryIO:
        """To read a file."""
        return os.fdopen(os.dup(self._number), "rb")

    def names(self) -> Iterator[str]:
        """What is in a folder and can be shown, folders with a slash."""
        with os.scandir(self._number) as found:
            for one in sorted(found, key=lambda one: one.name):
                if not one.name.startswith(".") and not one.is_symlink():
                    yield one.name + ("/" if one.is_dir(follow_symlinks=False) else "")

    def close(self) -> None:
        """Let go."""
        os.close(self._number)


class Bounded:
    """A stream up to a size: what grows meanwhile is not longer than was told."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, number: int = -1) -> bytes:
        """The next bytes."""
        found = self._stream.read(self._left if number < 0 else min(number, self._left))
        self._left -= len(found)
        return found


def parts_of(path: str) -> list[str]:
    """The steps of a request's path, decoded once; hidden names, steps back and separators in disguise lead nowhere."""
    parts = [unquote(part, errors="surrogateescape") for part in path.split("/") if part]
    if any(part.startswith(".") or "/" in part or "\\" in part or "\0" in part for part in parts):
        raise Refused(HTTPStatus.NOT_FOUND)
    return parts


def quoted(name: str) -> str:
    """A name as a step of an address."""
    return quote(name, safe="", errors="surrogateescape")
