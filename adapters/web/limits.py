"""Token buckets: how often one client or one person may ask.

A hall shares one address, so whoever came in by a link counts as themselves; an address counts for those who
have not, and has a limit for all of its people that only a flood meets.

Reads:  keys, and a clock that only goes forward.
Gives:  how many seconds to wait, 0 when there is nothing to wait for; whether all seem to be one client.
In this process only, with bounded memory: the bucket unused for longest is dropped first, and that one is
full again anyway or belongs to somebody who stopped asking.
"""

import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

from adapters.web.config import WebConfig
from adapters.web.proxies import ip_of

BUCKETS_KEPT = 20_000
WATCHED_S = 180.0
# Of fewer, nobody can tell whether somebody is just alone.
FEWEST_REQUESTS = 20
FEWEST_PEOPLE = 3


class Buckets:
    """One bucket per key: `per_minute` tokens flow in each minute, and as many fit in."""

    def __init__(
        self, per_minute: int, *, keep: int = BUCKETS_KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = float(per_minute)
        self._per_second = per_minute / 60
        self._keep = keep
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, key: str) -> float:
        """Take one token; 0, or the seconds until there is one."""
        now = self._clock()
        left, seen = self._left.pop(key, (self._size, now))
        left = min(self._size, left + (now - seen) * self._per_second)
        taken = left >= 1
        self._left[key] = (left - 1 if taken else left, now)
        if len(self._left) > self._keep:
            self._left.popitem(last=False)
        return 0.0 if taken else (1 - left) / self._per_second

    def left(self, key: str) -> tuple[int, int, float]:
        """How many tokens fit in, how many are there, and in how many seconds it is full; takes none."""
        now = self._clock()
        left, seen = self._left.get(key, (self._size, now))
        there = min(self._size, left + (now - seen) * self._per_second)
        return int(self._size), int(there), (self._size - there) / self._per_second

    def __len__(self) -> int:
        return len(self._left)


class Streams:
    """Counts connections that stay open: in all, per client and per person."""

    def __init__(self, most: int, most_per_client: int, most_per_person: int) -> None:
        self._most = most
        self._most_per_client = most_per_client
        self._most_per_person = most_per_person
        self._all = 0
        self._clients: Counter[str] = Counter()
        self._people: Counter[str] = Counter()

    @contextmanager
    def one(self, client: str, person: str) -> Iterator[bool]:
        """Hold a place for one stream; False when there is none left."""
        if not self._has_room(client, person):
            yield False
            return
        self._all += 1
        self._clients[client] += 1
        self._people[person] += 1
        try:
            yield True
        finally:
            self._all -= 1
            for held, key in ((self._clients, client), (self._people, person)):
                held[key] -= 1
                if not held[key]:
                    del held[key]

    def _has_room(self, client: str, person: str) -> bool:
        return (
            self._all < self._most
            and self._clients[client] < self._most_per_client
            and self._people[person] < self._most_per_person
        )


class OneAddress:
    """Notices that everybody comes from one address, as they do behind a proxy that is not set up.

    Looks at some minutes at a time. People in one office look the same, so it says so only once, and only
    when there are several people, or when requests say that a proxy sent them on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told = False
        self._begin(clock())

    def _begin(self, now: float) -> None:
        self._since = now
        self._requests = 0
        self._forwarded = False
        self._addresses: set[str] = set()
        self._people: set[str] = set()

    def saw(self, address: str, person: str, *, forwarded: bool) -> bool:
        """Take note of a request; True once, when some minutes have shown one address alone.

        person: empty for a stranger. forwarded: a proxy that nobody set up has sent it on.
        """
        if self._told:
            return False
        now = self._clock()
        if now - self._since >= WATCHED_S:
            self._told = self._looks_proxied()
            self._begin(now)
        self._requests += 1
        self._forwarded |= forwarded
        # Two addresses are enough to know.
        if len(self._addresses) < 2:
            self._addresses.add(address)
        if person and len(self._people) < FEWEST_PEOPLE:
            self._people.add(person)
        return self._told

    def _looks_proxied(self) -> bool:
        several = self._forwarded or len(self._people) >= FEWEST_PEOPLE
        return several and self._requests >= FEWEST_REQUESTS and len(self._addresses) == 1


def client_of(request: web.Request, config: WebConfig) -> str:
    """The address that asks; an IPv6 client counts by its /64, which one household holds whole."""
    headers = request.headers
    return _network(
        config.trusted_proxies.client(
            request.remote or "unknown",
            headers.getall("X-Forwarded-For", []),
            headers.getall("Forwarded", []),
        )
    )


def came_by_a_stranger(request: web.Request, config: WebConfig) -> bool:
    """Whether a proxy that nobody set up seems to have sent this on."""
    # Asked of the headers, which know that some proxies write such names small.
    says_so = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded"))
    return says_so and not config.trusted_proxies.are_behind(request.remote or "")


def _network(address: str) -> str:
    ip = ip_of(address)
    if ip is None:
        return address[:64]
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
