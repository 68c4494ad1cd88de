"""Which proxies stand in front, and whom they say a request came from.

Reads:  the address that a connection comes from, and what `X-Forwarded-For` and `Forwarded` (RFC 7239) say.
Gives:  the address of the client, where a trusted proxy vouches for it.
Each proxy appends the address that it saw, so what stands further left the client may have made up: both
headers are read from the right, and only as far as proxies that are trusted go. A proxy often writes one of
the two and lets the other one through as the client sent it, so where they differ neither is believed.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

NOBODY = "none"
MOST_HOPS = 10
# What a header says further left is not looked at.
LONGEST_CHAIN = 50
# Of an IPv6 address that stands for an IPv4 one, those before it.
MAPPED_BITS = 96


@dataclass(frozen=True)
class Proxies:
    """Those that are trusted: by address, or else by how many there are.

    networks: where they are. hops: how many stand in a row, whatever their addresses: a client who goes round
        them can then make its address up.
    """

    networks: tuple[IPNetwork, ...] = ()
    hops: int = 0

    @classmethod
    def parse(cls, said: str) -> Self:
        """From a setting. Raises ValueError."""
        words = [word for part in said.split(",") if (word := part.strip())]
        if words in ([], [NOBODY]):
            return cls()
        if len(words) == 1 and words[0].isdecimal():
            if (hops := int(words[0])) > MOST_HOPS:
                raise ValueError(hops)
            return cls(hops=hops)
        return cls(tuple(map(_network, words)))

    def client(self, remote: str, forwarded_for: Sequence[str], forwarded: Sequence[str]) -> str:
        """The address of whoever asks.

        Args:
            remote: what the connection comes from.
            forwarded_for, forwarded: the values of each such header, in their order.
        """
        if not self.are_behind(remote):
            return remote
        chains = [chain for chain in (_listed(forwarded_for), _elements(forwarded)) if chain]
        said = {self._nearest(chain) for chain in chains}
        return said.pop() if len(said) == 1 else remote

    def are_behind(self, remote: str) -> bool:
        """Whether what comes from this address was sent on by a proxy that is trusted."""
        return bool(self.hops) or self._trusts(remote)

    def _nearest(self, chain: Sequence[str]) -> str:
        """The last address that no trusted proxy has."""
        if self.hops:
            return chain[-min(self.hops, len(chain))]
        return next((each for each in reversed(chain) if not self._trusts(each)), chain[0])

    def _trusts(self, address: str) -> bool:
        ip = ip_of(address)
        return ip is not None and any(ip in network for network in self.networks)


def _network(said: str) -> IPNetwork:
    """Raises ValueError. One may be copied from where ::ffff:10.0.0.1 is written for 10.0.0.1 (`ip_of`)."""
    network = ipaddress.ip_network(said, strict=False)
    mapped = network.network_address.ipv4_mapped if network.version == 6 else None
    if mapped is None or network.prefixlen < MAPPED_BITS:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - MAPPED_BITS))


ALL_STRANGERS = Proxies()


def ip_of(address: str) -> IPAddress | None:
    """An address as a number; None for what is none.

    A socket that listens for both kinds shows IPv4 clients as ::ffff:192.0.2.1; those are IPv4 addresses, and
    would otherwise all lie in one /64.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if ip.version == 6 else ip


def _listed(values: Sequence[str]) -> list[str]:
    parts = ",".join(values).split(",")
    return [_bare(part) for part in parts if part.strip()][-LONGEST_CHAIN:]


def _elements(values: Sequence[str]) -> list[str]:
    """The `for` of each element; a proxy that names none has not said whom it saw."""
    found = []
    for element in [each for each in ",".join(values).split(",") if each.strip()][-LONGEST_CHAIN:]:
        pairs = (pair.partition("=") for pair in element.split(";"))
        named = [value for name, _, value in pairs if name.strip().lower() == "for"]
        found.append(_bare(named[0]) if named else "unknown")
    return found


def _bare(said: str) -> str:
    """An address without quotes, brackets and port: some proxies write "[2001:db8::1]:4711".

    In one spelling, for the two headers may have two.
    """
    address = said.strip().strip('"').strip()
    bracketed = re.match(r"\[([^\]]*)\]", address)
    host, _, port = address.partition(":")
    bare = bracketed[1] if bracketed else host if port.isdecimal() else address
    return str(ip_of(bare) or bare)
