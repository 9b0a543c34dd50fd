"""Which addresses of the Internet may be called for somebody else. Pure.

Whoever sets a webhook names a host that this machine then calls from inside: without this, he
could reach what only this machine reaches (databases, routers, a cloud's metadata service).
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

#: All that is handed out as global unicast. Mapped IPv4, NAT64, unique local, link and site local
#: addresses, multicast and loopback lie outside. Source: IANA IPv6 Address Space, RFC 4291, 2.4.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
#: Of these: protocol assignments with Teredo, documentation, 6to4, which hold another address or
#: none. Source: IANA IPv6 Special-Purpose Address Registry.
_SPECIAL = (
    IPv6Network("2001::/23"),
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),
    IPv6Network("3fff::/20"),
)

#: Taken for public by their number, and answered by a machine or a cloud from inside: protocol
#: assignments, where a cloud has its metadata; former 6to4 relays; the host of a virtual machine at
#: Azure. Source: IANA IPv4 Special-Purpose Address Registry; Azure's page on 168.63.129.16.
_INSIDE = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
)


class NotPublicError(OSError):
    """The address that was about to be connected to is not one of the public Internet."""


def is_public(address: str, *, loopback: bool = False) -> bool:
    """Tell whether `address` is one that anybody on the Internet may be reached at.

    Args:
        address: IPv4 or IPv6, as the resolver or the URL has it; a scope (`%eth0`) is none.
        loopback: This very machine is allowed besides: for development.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if loopback and found.is_loopback:
        return True
    if isinstance(found, IPv4Address):
        return _is_public_v4(found)
    return _is_public_v6(found)


def _is_public_v4(found: IPv4Address) -> bool:
    if found.is_multicast or found.is_reserved or any(found in one for one in _INSIDE):
        return False
    return found.is_global


def _is_public_v6(found: IPv6Address) -> bool:
    if found.scope_id is not None or found not in _GLOBAL_UNICAST:
        return False
    return found.is_global and not any(found in network for network in _SPECIAL)


def is_literal(host: str) -> bool:
    """Tell whether a URL's host is an address itself, in any of the ways a resolver reads one.

    `127.1`, `0x7f000001` and `2130706433` are addresses to a C library: a host whose last part is a
    number is never a name. Source: WHATWG URL, "ends in a number".
    """
    if ":" in host:
        return True
    last = host.rstrip(".").rpartition(".")[2].lower()
    return last.isdigit() or (last.startswith("0x") and all(c in _HEX for c in last[2:]))


_HEX = frozenset("0123456789abcdef")
