"""No callback goes into our own network, however the address is written."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.jobs.callback_address import (
    DENIED_IPV4,
    CallbackRules,
    check_callback_url,
    checked_address,
    is_denied,
)
from schemas.errors import InvalidInput, Refused, Unavailable

PUBLIC = CallbackRules()
HOME = CallbackRules(allow_loopback=True)

DENIED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.1.2.3 169.254.169.254 169.254.0.1
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1
192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:8.8.8.8 64:ff9b::a9fe:a9fe 64:ff9b::7f00:1
64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:20::1 2001:1ff::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1
3fff::1 2620:4f:8000::1 5f00::1 fc00::1 fd00:ec2::254 fdff::1 fe80::1 fe80::1%1 2606:4700::1%1 fec0::1 ff02::1 ff0e::1
4000::1 1fff::1
""".split()  # noqa: SIM905 - a table

ALLOWED = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 172.15.255.255 172.32.0.1
192.0.1.1 192.167.255.255 198.17.255.255 198.20.0.1 223.255.255.255 2001:200::1 2001:4860:4860::8888 2606:4700::1111
2a00:1450::1 2003::1 3ffe::1
""".split()  # noqa: SIM905 - a table


def answering(*addresses):
    """A resolver that gives these addresses and counts how often it was asked."""

    def resolve(host, port, **_):
        resolve.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    resolve.asked = 0
    return resolve


@pytest.mark.parametrize("address", DENIED)
def test_special_address_is_denied(address):
    assert is_denied(ip_address(address))
    with pytest.raises(Refused) as raised:
        checked_address("hook.example", 443, PUBLIC, answering(address))
    assert address not in str(raised.value)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_address_is_allowed(address):
    assert checked_address("hook.example", 443, PUBLIC, answering(address)) == address


def test_one_denied_address_among_public_ones_is_enough():
    with pytest.raises(Refused):
        checked_address("hook.example", 443, PUBLIC, answering("8.8.8.8", "10.0.0.1"))


def test_name_is_resolved_once():
    resolve = answering("8.8.8.8", "1.1.1.1")
    assert checked_address("hook.example", 443, PUBLIC, resolve) == "8.8.8.8"
    assert resolve.asked == 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "localhost", "::1", "::"]
)
def test_loopback_however_it_is_written_is_denied_by_the_real_resolver(host):
    with pytest.raises((Refused, Unavailable)):
        checked_address(host, 443, PUBLIC)


@given(st.integers(0, 2**32 - 1))
def test_ipv4_wrapped_into_ipv6_is_never_allowed(number):
    for wrap in ("::", "::ffff:0:0", "64:ff9b::"):
        assert is_denied(IPv6Address(int(ip_address(wrap)) + number))
    assert is_denied(IPv6Address((0x2002 << 112) + (number << 80)))


@given(st.ip_addresses(v=4))
def test_allowed_ipv4_is_global_for_the_standard_library_too(address):
    if not is_denied(address):
        assert address.is_global and not address.is_multicast


def test_loopback_is_allowed_by_flag_and_by_its_own_names_only():
    for host, address in (("localhost", "127.0.0.1"), ("127.0.0.1", "127.0.0.1"), ("::1", "::1")):
        assert checked_address(host, 80, HOME, answering(address)) == address
        with pytest.raises(Refused):
            checked_address(host, 80, PUBLIC, answering(address))
    for host, address in (("evil.example", "127.0.0.1"), ("localhost", "10.0.0.1"), ("localhost", "169.254.169.254")):
        with pytest.raises(Refused):
            checked_address(host, 80, HOME, answering(address))


@pytest.mark.parametrize("failure", [socket.gaierror(-2, "unknown"), OSError(), UnicodeError("label too long")])
def test_name_without_an_address_may_have_one_later(failure):
    def resolve(*_, **__):
        raise failure

    with pytest.raises(Unavailable):
        checked_address("hook.example", 443, PUBLIC, resolve)
    with pytest.raises(Unavailable):
        checked_address("hook.example", 443, PUBLIC, answering())


GOOD = ["https://hook.example/x?y=z", "https://hook.example:8443/", "https://8.8.8.8", "https://[2606:4700::1]/x"]

BAD = [
    "", "hook.example", "/x", "//hook.example", "http://hook.example/", "ftp://hook.example", "file:///etc/passwd",
    "https://", "https:///x", "https://hook.example:22/", "https://hook.example:80/", "https://ann:c4n4ry@hook.example/",
    "https://c4n4ry@hook.example/", "https://hook.example/#x", "https://hook.example:99999/", "https://[fe80::1%25eth0]/",
    "https://hook.example\\@127.0.0.1/", "https://hook.example/ x", " https://hook.example", "https://hook.example/\n",
    "https://hook。example/", "https://hook.example/\x00", "gopher://hook.example:443/", "http://localhost/",
    "https://hook.example:0/", "https://[c4n4ry", "https://~xn--c4n4ry/", "https://..xn--a/", "c4n4ry://hook.example/",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_good_address_is_taken(url):
    assert check_callback_url(url, PUBLIC).scheme == "https"


@pytest.mark.parametrize("url", BAD)
def test_bad_address_is_refused_without_repeating_it(url):
    with pytest.raises(InvalidInput) as raised:
        check_callback_url(url, PUBLIC)
    assert "c4n4ry" not in str(raised.value)


ODD = (
    "://",
    ":",
    "//",
    "/",
    "@",
    "[",
    "]",
    "%00",
    "#",
    "?",
    "::1",
    "xn--",
    "xn--a",
    "~",
    "^",
    "`",
    "|",
    "{",
    ":0",
    ":-1",
    ".",
)


@given(st.lists(st.sampled_from(ODD) | st.text(max_size=3), max_size=6), st.sampled_from(["", "https://", "https://a"]))
def test_whatever_is_sent_as_an_address_is_one_or_refused(parts, start):
    url = start + "".join(parts)
    for rules in (PUBLIC, HOME):
        try:
            check_callback_url(url, rules)
        except InvalidInput:
            continue
        assert url.lower().startswith(("https://", "http://"))


def test_http_and_any_port_go_to_loopback_by_flag_only():
    for url in ("http://localhost:1234/x", "http://127.0.0.1/", "http://[::1]:99/"):
        check_callback_url(url, HOME)
        with pytest.raises(InvalidInput):
            check_callback_url(url, PUBLIC)
    for url in ("http://hook.example/", "http://127.0.0.2/", "http://localhost.example/", "http://2130706433/"):
        with pytest.raises(InvalidInput):
            check_callback_url(url, HOME)


def test_denied_networks_do_not_overlap():
    for first in DENIED_IPV4:
        assert not any(first.overlaps(second) for second in DENIED_IPV4 if first is not second)
    assert ip_network("169.254.0.0/16") in DENIED_IPV4
