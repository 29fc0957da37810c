"""Which addresses a page may be read from: public ones, looked at after the name was resolved, and hosts that a setting names."""

import ipaddress
import socket
from collections.abc import Set

GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")
TUNNELS = tuple(ipaddress.ip_network(text) for text in ("2001::/23", "2002::/16"))
"""Parts of it that lead on to IPv4 addresses which cannot be seen here, or to special uses."""


class NotRead(Exception):
    """A page is not read; the message says why."""


def public(address: str) -> bool:
    """Whether an IP address belongs to the open internet: not loopback, private, link-local, multicast, reserved or tunnelled."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is None:
            return ip in GLOBAL_IPV6 and ip.is_global and not any(ip in tunnel for tunnel in TUNNELS)
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def addresses(host: str, port: int, named: Set[str]) -> list[str]:
    """Addresses of a host, IPv4 first; all must be public unless `named` holds `host:port`.

    Raises:
        NotRead: the name leads nowhere, or to an address that is not public.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotRead(f"the name {host} cannot be resolved: {getattr(error, 'strerror', None) or error}") from error
    ordered = [str(row[4][0]) for row in sorted(found, key=lambda row: row[0] != socket.AF_INET)]
    if place(host, port) not in named:
        for address in ordered:
            if not public(address):
                raise NotRead(f"{address} is not a public address, and STAGEFLOW_AGENT_FETCH_HOSTS does not name {place(host, port)}")
    return list(dict.fromkeys(ordered))


def place(host: str, port: int) -> str:
    """`host:port` as a setting names it."""
    return f"[{host}]:{port}" if ":" in host else f"{host.lower()}:{port}"
