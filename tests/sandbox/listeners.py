"""Everything outside that a job might talk to; what arrives is remembered."""

import contextlib
import os
import selectors
import socket
import struct
import threading
from pathlib import Path
from typing import Any

GROUP = "224.0.0.251"


def own_address() -> str:
    """Address of this machine on the way out; that of the loopback when there is no way out."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("192.0.2.1", 9))
        return str(out.getsockname()[0])
    return "127.0.0.1"


def resolvers() -> list[str]:
    """Name servers of this machine that are not on its loopback."""
    with contextlib.suppress(OSError):
        lines = [line.split() for line in Path("/etc/resolv.conf").read_text().splitlines()]
        return [words[1] for words in lines if words[:1] == ["nameserver"] and not words[1].startswith("127.") and ":" not in words[1]]
    return []


class Listeners:
    """Sockets of every kind, and a thread that reads them."""

    def __init__(self, folder: Path, unique: str) -> None:
        self.heard = b""
        self.unique = unique
        self.selector = selectors.DefaultSelector()
        self.at: dict[str, Any] = {
            "tcp": self._open(socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0)).getsockname()[1],
            "udp": self._multicast(self._open(socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 0))).getsockname()[1],
            "tcp6": self._six(),
            "unix": str(folder / "s"),
            "unix_datagram": str(folder / "d"),
            "abstract": unique,
            "door": self._free_port(),
            "address4": own_address(),
            "group": GROUP,
            "resolvers": resolvers(),
        }
        for address in (self.at["unix"], "\0" + unique):
            self._open(socket.AF_UNIX, socket.SOCK_STREAM, address)
        for address in (self.at["unix_datagram"], "\0" + unique + "-d"):
            self._open(socket.AF_UNIX, socket.SOCK_DGRAM, address)
        for path in (self.at["unix"], self.at["unix_datagram"]):
            os.chmod(path, 0o777)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _open(self, family: int, kind: int, address: Any) -> socket.socket:
        made = socket.socket(family, kind)
        made.bind(address)
        if kind == socket.SOCK_STREAM:
            made.listen(64)
        made.setblocking(False)
        self.selector.register(made, selectors.EVENT_READ)
        return made

    def _six(self) -> int:
        try:
            return int(self._open(socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)).getsockname()[1])
        except OSError:
            return 9

    @staticmethod
    def _multicast(made: socket.socket) -> socket.socket:
        for address in ("127.0.0.1", own_address()):
            with contextlib.suppress(OSError):
                made.setsockopt(
                    socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton(address))
                )
        return made

    @staticmethod
    def _free_port() -> int:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            return int(one.getsockname()[1])

    def _listen(self) -> None:
        while not self.stopped.is_set():
            for key, _ in self.selector.select(0.05):
                with contextlib.suppress(OSError):
                    self._hear(key.fileobj)
            self._knock()

    def _hear(self, found: Any) -> None:
        if found.type == socket.SOCK_STREAM:
            caller, _ = found.accept()
            with caller:
                caller.settimeout(0.2)
                self.heard += caller.recv(4096) or b""
        else:
            self.heard += found.recv(4096)

    def _knock(self) -> None:
        """Try the doors that a job may have opened."""
        for family, address in ((socket.AF_INET, ("127.0.0.1", self.at["door"])), (socket.AF_UNIX, "\0" + self.unique + "-door")):
            with contextlib.suppress(OSError), socket.socket(family) as out:
                out.settimeout(0.2)
                out.connect(address)
                self.heard += out.recv(4096)

    def close(self) -> None:
        """Stop listening."""
        self.stopped.set()
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self.selector.close()
