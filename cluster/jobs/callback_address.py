"""Where a callback may go: addresses of the public internet, and never into our own network.

Resolve once, refuse when any address is denied, connect to one that was checked: a name that answers differently the
second time, and a redirect, then change nothing. `ipaddress.is_global` is no guard: Python 3.11 calls 6to4 and NAT64
forms of loopback and link-local addresses global.

Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx2

from schemas.errors import InvalidInput, Refused, Unavailable

Resolve = Callable[..., Sequence[tuple[Any, ...]]]
"""`socket.getaddrinfo`, or what answers like it."""

DENIED_IPV4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16",
            "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        ),
    )
)  # fmt: skip

ALLOWED_IPV6 = ip_network("2000::/3")
"""What is given out as global unicast; everything else (loopback, mapped, NAT64, local, multicast) is denied."""

DENIED_IPV6 = tuple(
    map(ip_network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48"))
)  # fmt: skip

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class CallbackRules:
    """What the operator allows."""

    ports: tuple[int, ...] = (443, 8443)
    allow_loopback: bool = False
    """Also `http` and any port, to `localhost`, `127.0.0.1` and `[::1]` by these names only. For development."""


def check_callback_url(url: str, rules: CallbackRules) -> httpx2.URL:
    """The address, taken apart as it will be used.

    Raises:
        InvalidInput: it is malformed, or has a scheme, port, user or fragment that is not allowed.
    """
    # Never repeat the address in a message: it may hold a secret.
    if not url.isascii() or any(ord(letter) <= 0x20 or letter in '\\"<>' for letter in url):
        raise InvalidInput("a callback address is plain ASCII without spaces, quotes or backslashes")
    try:
        target = httpx2.URL(url)
        host = target.host
    except (httpx2.InvalidURL, ValueError) as exc:  # a name that IDNA cannot decode is a ValueError
        raise InvalidInput("a callback address is a URL like https://example.org/hook") from exc
    loopback = rules.allow_loopback and host in _LOOPBACK_NAMES
    if target.scheme != "https" and not (loopback and target.scheme == "http"):
        raise InvalidInput("a callback address starts with https://")
    if not host or "%" in host:
        raise InvalidInput("a callback address names a host")
    if target.userinfo or target.fragment:
        raise InvalidInput("a callback address has no user, password or fragment")
    if not loopback and port_of(target) not in rules.ports:
        raise InvalidInput(f"a callback goes to port {' or '.join(map(str, rules.ports))}, not {port_of(target)}")
    return target


def port_of(target: httpx2.URL) -> int:
    """The port of an address, also when it goes without saying."""
    if target.port is not None:
        return target.port
    return 443 if target.scheme == "https" else 80


def is_denied(address: IPv4Address | IPv6Address) -> bool:
    """Whether no callback may go there."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in DENIED_IPV4)
    if address.scope_id is not None or address not in ALLOWED_IPV6:
        return True
    return any(address in network for network in DENIED_IPV6)


def checked_address(host: str, port: int, rules: CallbackRules, resolve: Resolve = socket.getaddrinfo) -> str:
    """An address of `host` to connect to, after all of them were checked.

    Raises:
        Refused: one of them is denied.
        Unavailable: the name has no address now.
    """
    try:
        answers = resolve(host, port, type=socket.SOCK_STREAM)
        found = [ip_address(answer[4][0]) for answer in answers]
    except (OSError, ValueError) as exc:  # a name that IDNA cannot encode is a ValueError
        raise Unavailable("the receiver's name has no address") from exc
    if not found:
        raise Unavailable("the receiver's name has no address")
    at_home = rules.allow_loopback and host in _LOOPBACK_NAMES
    if any(is_denied(address) and not (at_home and address.is_loopback) for address in found):
        raise Refused("the receiver's name leads to an address to which no callback goes")
    return str(found[0])
