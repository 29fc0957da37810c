"""Reaching anybody outside, or being reached; what arrives there is the name of the attack."""

import contextlib
import os
import socket
import struct
import time

from .attack import At, attack, got


def send_tcp(family: int, address: object, name: str) -> None:
    with socket.socket(family) as out:
        out.settimeout(1)
        out.connect(address)
        out.sendall(name.encode())


def send_datagram(family: int, address: object, data: bytes) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        out.sendto(data, address)


@attack("network")
def tcp_loopback(at: At) -> None:
    send_tcp(socket.AF_INET, ("127.0.0.1", at["tcp"]), at["name"])


@attack("network")
def tcp_loopback_six(at: At) -> None:
    send_tcp(socket.AF_INET6, ("::1", at["tcp6"]), at["name"])


@attack("network")
def tcp_own_address(at: At) -> None:
    """By the way that leads out of the machine."""
    send_tcp(socket.AF_INET, (at["address4"], at["tcp"]), at["name"])


@attack("network")
def a_way_out(at: At) -> None:
    """Whether the kernel knows a way out; nothing is sent."""
    for address in ("198.51.100.1", "203.0.113.1", "169.254.169.254"):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.connect((address, 443))
            got(f"a way to {address}")


@attack("network")
def udp_loopback(at: At) -> None:
    send_datagram(socket.AF_INET, ("127.0.0.1", at["udp"]), at["name"].encode())


@attack("network")
def udp_own_address(at: At) -> None:
    send_datagram(socket.AF_INET, (at["address4"], at["udp"]), at["name"].encode())


@attack("network")
def udp_broadcast(at: At) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        out.sendto(at["name"].encode(), ("127.255.255.255", at["udp"]))


@attack("network")
def udp_multicast(at: At) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
        for address in ("127.0.0.1", at["address4"]):
            with contextlib.suppress(OSError):
                out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
                out.sendto(at["name"].encode(), (at["group"], at["udp"]))


@attack("network")
def dns_question(at: At) -> None:
    """The secret is in the name that is asked for."""
    question = (
        b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"".join(bytes([len(p)]) + p.encode() for p in (at["name"], "example")) + b"\0\0\1\0\1"
    )
    for address in ("127.0.0.1", at["address4"]):
        with contextlib.suppress(OSError):
            send_datagram(socket.AF_INET, (address, at["udp"]), question)


@attack("network")
def dns_resolver(at: At) -> None:
    """The servers of this machine's own resolver."""
    for server in at["resolvers"]:
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.connect((server, 53))
            got(f"a way to the resolver {server}")


@attack("sockets")
def unix_socket(at: At) -> None:
    send_tcp(socket.AF_UNIX, at["unix"], at["name"])


@attack("sockets")
def unix_datagram(at: At) -> None:
    send_datagram(socket.AF_UNIX, at["unix_datagram"], at["name"].encode())


@attack("sockets")
def unix_by_proc(at: At) -> None:
    for pid in ("self", "1", at["agent"], at["neighbour"]):
        with contextlib.suppress(OSError):
            send_tcp(socket.AF_UNIX, f"/proc/{pid}/root{at['unix']}"[:107], at["name"])


@attack("sockets")
def abstract_socket(at: At) -> None:
    send_tcp(socket.AF_UNIX, "\0" + at["abstract"], at["name"])


@attack("sockets")
def abstract_datagram(at: At) -> None:
    send_datagram(socket.AF_UNIX, "\0" + at["abstract"] + "-d", at["name"].encode())


@attack("sockets")
def vsock_to_the_host(at: At) -> None:
    """No network namespace confines this family."""
    with socket.socket(40, socket.SOCK_STREAM):
        got("a socket to the machine's host")


@attack("sockets")
def rare_families(at: At) -> None:
    for family in (38, 44, 31, 30, 29, 21, 43):  # crypto, XDP, Bluetooth, TIPC, CAN, RDS, SMC
        with contextlib.suppress(OSError):
            socket.socket(family, socket.SOCK_SEQPACKET if family == 38 else socket.SOCK_RAW).close()
            got(f"a socket of family {family}")


@attack("sockets")
def raw_sockets(at: At) -> None:
    for family, kind, protocol in ((socket.AF_INET, socket.SOCK_RAW, 1), (17, socket.SOCK_RAW, 0x0300), (17, socket.SOCK_DGRAM, 0x0300)):
        with contextlib.suppress(OSError):
            socket.socket(family, kind, protocol).close()
            got(f"raw socket of family {family}")


@attack("sockets")
def netlink(at: At) -> None:
    """Listens to the kernel's announcements about devices and routes."""
    for protocol in (0, 9, 15):
        with contextlib.suppress(OSError):
            socket.socket(16, socket.SOCK_RAW, protocol).close()
            got(f"netlink {protocol}")


@attack("sockets")
def descriptor_by_socket(at: At) -> None:
    """Hands a descriptor of this side over to the outside."""
    with socket.socket(socket.AF_UNIX) as out:
        out.connect("\0" + at["abstract"])
        handle = os.open(".", os.O_RDONLY)
        out.sendmsg([at["name"].encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", handle))])


@attack("network", limits={"seconds": 15.0})
def back_door(at: At) -> None:
    """Waits for somebody outside to come in."""
    with socket.create_server(("0.0.0.0", at["door"])) as door, socket.socket(socket.AF_UNIX) as other:
        other.bind("\0" + at["abstract"] + "-door")
        other.listen()
        until = time.monotonic() + 0.6
        for each in (door, other):
            each.settimeout(0.05)
        while time.monotonic() < until:
            for each in (door, other):
                with contextlib.suppress(OSError):
                    each.accept()[0].sendall(at["name"].encode())
