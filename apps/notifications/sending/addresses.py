"""Which addresses a webhook may reach: never the portal's own network, unless it is allowed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

from apps.compute.messages import InputRejected, gettext_noop

Address = IPv4Address | IPv6Address

#: Special networks that Pythons call global, older ones at least (IANA's registries of special-purpose
#: addresses). Teredo, which leads to an IPv4 address inside, is part of 2001::/23.
_SPECIAL = tuple(
    ip_network(text)
    for text in ("192.88.99.0/24", "64:ff9b:1::/48", "2001::/23", "3fff::/20", "5f00::/16", "fec0::/10")
)
#: NAT64 (RFC 6052): the IPv4 address is in the last 32 bits.
_NAT64 = ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """Family and socket address of each address of the host, to be connected to as they are.

    Raises InputRejected when the name is unknown or any of its addresses is not to be reached.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputRejected(
            "unknown_host",
            gettext_noop("The name “%(host)s” is not known. Check the address of the webhook."),
            host=host,
        ) from error
    for _family, _kind, _protocol, _name, place in found:
        require_reachable(ip_address(place[0]), host)
    return [(family, place) for family, _kind, _protocol, _name, place in found]


def require_reachable(address: Address, host: str) -> None:
    """Raise InputRejected unless the address is public or in a network that the portal's operator allows."""
    if not _is_allowed(address) and not all(_is_public(meant) for meant in _meant(address)):
        raise InputRejected(
            "own_network",
            gettext_noop(
                "“%(host)s” leads to %(address)s, which is not in the public internet. Use a public address, "
                "or ask the operator of the portal to allow this network (MLSD_WEBHOOK_ALLOWED_NETWORKS)."
            ),
            host=host,
            address=str(address),
        )


def _is_allowed(address: Address) -> bool:
    plain = (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
    return any(plain in network for network in settings.WEBHOOK_ALLOWED_NETWORKS)


def _meant(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 addresses that packets to it may end at."""
    yield address
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            yield address.ipv4_mapped
        if address.sixtofour:
            yield address.sixtofour
        if address in _NAT64:
            yield IPv4Address(int(address) & 0xFFFFFFFF)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return True  # the address inside decides
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not any(address in network for network in _SPECIAL)
    )
